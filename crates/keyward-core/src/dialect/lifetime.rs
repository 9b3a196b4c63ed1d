use std::time::Duration;

use toml::Spanned;

use super::Dialect;
use crate::clock::Timestamp;
use crate::key::{KeyRecord, KeyState};

impl Dialect {
    /// How long a key may live at most; `None` where it may live for good.
    pub fn max_lifetime(&self) -> Option<Duration> {
        self.0.form.lifetime.max_days.as_ref().map(days)
    }

    /// After how long without use a key is refused as expired; `None` where that is never.
    pub fn idle_expiry(&self) -> Option<Duration> {
        self.0.form.lifetime.idle_days.as_ref().map(days)
    }

    /// From which instant on a key is refused as expired, as far as its use is known: by its own end,
    /// or because nobody has used it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use keyward_core::clock::Timestamp;
    /// use keyward_core::dialect::Dialect;
    /// use keyward_core::key::{KeyId, KeyRecord};
    ///
    /// let acme = Dialect::builder("acme").idle_days(90).build()?;
    /// let mut record = KeyRecord::new(KeyId::new("key_1"), "acme", "live");
    /// let days = |days: u64| Some(Timestamp::from_millis(0).plus(Duration::from_hours(24 * days)));
    /// assert_eq!(acme.end_of(&record), days(90));
    /// record.last_used_at = days(9);
    /// assert_eq!(acme.end_of(&record), days(99));
    /// record.expires_at = days(30);
    /// assert_eq!(acme.end_of(&record), days(30));
    /// # Ok::<(), keyward_core::dialect::DialectError>(())
    /// ```
    pub fn end_of(&self, record: &KeyRecord) -> Option<Timestamp> {
        record.expires_at.into_iter().chain(self.idle_until(record)).min()
    }

    /// How a key stands at an instant, as a request with it would find.
    pub fn state_of(&self, record: &KeyRecord, at: Timestamp) -> KeyState {
        if record.is_revoked(at) {
            KeyState::Revoked
        } else if self.end_of(record).is_some_and(|end| end <= at) {
            KeyState::Expired
        } else {
            KeyState::Active
        }
    }

    /// Until when it does not matter that a key is not used.
    pub(crate) fn idle_until(&self, record: &KeyRecord) -> Option<Timestamp> {
        let last =
            record.last_used_at.map_or(record.created_at, |used| used.max(record.created_at));
        self.idle_expiry().map(|idle| last.plus(idle))
    }
}

fn days(days: &Spanned<u32>) -> Duration {
    Duration::from_secs(u64::from(*days.get_ref()) * 86_400)
}
