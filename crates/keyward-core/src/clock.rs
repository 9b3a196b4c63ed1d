//! Time, read once per request.

mod relative;

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An instant of the calendar in milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This much later, or the last instant there is.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This much earlier, or the first instant there is.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// When the hour began, UTC.
    ///
    /// ```
    /// use keyward_core::clock::Timestamp;
    ///
    /// let instant = Timestamp::from_rfc3339("2026-01-06T10:59:59.999Z").unwrap();
    /// assert_eq!(instant.start_of_hour().to_rfc3339(), "2026-01-06T10:00:00Z");
    /// ```
    #[must_use]
    pub const fn start_of_hour(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(3_600_000)))
    }

    /// Reads RFC 3339 with any offset; what is finer than a millisecond is cut off. None for an
    /// instant that UTC cannot write so, which is beyond the year 9999 there.
    ///
    /// ```
    /// use keyward_core::clock::Timestamp;
    ///
    /// let instant = Timestamp::from_rfc3339("2026-01-06T11:00:00.25+01:00").unwrap();
    /// assert_eq!(instant.to_rfc3339_millis(), "2026-01-06T10:00:00.250Z");
    /// assert!(Timestamp::from_rfc3339("2026-01-06").is_none());
    /// assert!(Timestamp::from_rfc3339("9999-12-31T23:59:59-01:00").is_none());
    /// ```
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let millis = instant.unix_timestamp_nanos().div_euclid(1_000_000);
        let instant = i64::try_from(millis).ok().map(Self)?;
        (!instant.to_rfc3339().is_empty()).then_some(instant)
    }

    /// RFC 3339 in UTC to the second: `2026-01-06T10:00:00Z`. Empty beyond the year 9999.
    pub fn to_rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .ok()
            .and_then(|instant| instant.format(&Rfc3339).ok())
            .unwrap_or_default()
    }

    /// RFC 3339 in UTC to the millisecond: `2026-01-06T10:00:00.250Z`. Empty beyond the year 9999.
    pub fn to_rfc3339_millis(self) -> String {
        let mut text = self.to_rfc3339();
        if text.pop().is_some() {
            use fmt::Write as _;
            let _ = write!(text, ".{:03}Z", self.0.rem_euclid(1000));
        }
        text
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// One reading of a [`Clock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Nanoseconds on a clock that never steps and counts while the machine is suspended.
    pub elapsed: u64,
    /// The calendar.
    pub timestamp: Timestamp,
}

/// Where time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Reads the clock.
    fn now(&self) -> Now;
}

/// The machine's clocks: `CLOCK_BOOTTIME`, and the calendar as an offset from it.
///
/// A reading costs one clock read: the calendar is looked at again only when the last look is more
/// than 100 ms old, so a stepped calendar counts after that time at the latest.
#[derive(Debug)]
pub struct SystemClock {
    /// Calendar less elapsed, in nanoseconds.
    offset: AtomicI64,
    /// When `offset` was read, on the elapsed clock.
    read_at: AtomicU64,
}

impl SystemClock {
    const REREAD_AFTER: u64 = 100_000_000;

    /// A clock of its own; clones of one `Arc` are as good.
    pub fn new() -> Self {
        let clock = Self { offset: AtomicI64::new(0), read_at: AtomicU64::new(0) };
        clock.reread(elapsed());
        clock
    }

    #[cold]
    fn reread(&self, elapsed: u64) -> i64 {
        let calendar = clock_gettime(ClockId::Realtime);
        let nanos = calendar.tv_sec.saturating_mul(1_000_000_000).saturating_add(calendar.tv_nsec);
        let offset = nanos.saturating_sub_unsigned(elapsed);
        self.offset.store(offset, Ordering::Relaxed);
        self.read_at.store(elapsed, Ordering::Relaxed);
        offset
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let elapsed = elapsed();
        let age = elapsed.wrapping_sub(self.read_at.load(Ordering::Relaxed));
        let offset = if age > Self::REREAD_AFTER {
            self.reread(elapsed)
        } else {
            self.offset.load(Ordering::Relaxed)
        };
        let millis = elapsed.saturating_add_signed(offset) / 1_000_000;
        Now { elapsed, timestamp: Timestamp(millis.cast_signed()) }
    }
}

fn elapsed() -> u64 {
    // macOS has no BOOTTIME; its MONOTONIC counts a suspended machine.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let now = clock_gettime(ClockId::Boottime);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(now.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

/// A clock that stands still until a test moves it.
#[cfg(feature = "testkit")]
#[derive(Debug)]
pub struct TestClock {
    elapsed: AtomicU64,
    calendar: AtomicI64,
}

#[cfg(feature = "testkit")]
impl TestClock {
    /// A clock that shows this instant.
    pub fn at(timestamp: Timestamp) -> Self {
        Self { elapsed: AtomicU64::new(1_000_000_000), calendar: AtomicI64::new(timestamp.0) }
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.elapsed.fetch_add(nanos, Ordering::SeqCst);
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.calendar.fetch_add(millis, Ordering::SeqCst);
    }

    /// Sets the calendar alone, as an operator or NTP does.
    pub fn step_calendar(&self, to: Timestamp) {
        self.calendar.store(to.0, Ordering::SeqCst);
    }
}

#[cfg(feature = "testkit")]
impl Clock for TestClock {
    fn now(&self) -> Now {
        Now {
            elapsed: self.elapsed.load(Ordering::SeqCst),
            timestamp: Timestamp(self.calendar.load(Ordering::SeqCst)),
        }
    }
}
