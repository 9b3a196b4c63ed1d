use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use keyward_core::clock::{Clock, SystemClock};

/// How often somebody was wrong in this minute: bounded, whoever guesses from wherever.
pub(super) struct Attempts {
    clock: SystemClock,
    minute: Mutex<Minute>,
}

#[derive(Default)]
struct Minute {
    began: u64,
    all: u32,
    /// Never more than `all`.
    of: HashMap<IpAddr, u32>,
}

impl Attempts {
    /// Wrong ones in a minute, of one address and of all.
    pub(super) const OF_ONE: u32 = 10;
    pub(super) const OF_ALL: u32 = 100;
    const MINUTE: u64 = 60_000_000_000;

    pub(super) fn new() -> Self {
        Self { clock: SystemClock::new(), minute: Mutex::default() }
    }

    /// Counts one, unless it is one too many. Whoever was right takes it back.
    pub(super) fn begin(&self, address: Option<IpAddr>) -> bool {
        let now = self.clock.now().elapsed;
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(minute.began) >= Self::MINUTE {
            *minute = Minute { began: now, ..Minute::default() };
        }
        let of_one = address.map(network).and_then(|address| minute.of.get(&address));
        if minute.all >= Self::OF_ALL || of_one.is_some_and(|count| *count >= Self::OF_ONE) {
            return false;
        }
        minute.all += 1;
        if let Some(address) = address {
            *minute.of.entry(network(address)).or_default() += 1;
        }
        true
    }

    pub(super) fn take_back(&self, address: Option<IpAddr>) {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        minute.all = minute.all.saturating_sub(1);
        if let Some(count) = address.and_then(|address| minute.of.get_mut(&network(address))) {
            *count = count.saturating_sub(1);
        }
    }
}

/// Whoever has one address of IPv6 has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_all_together_have_theirs() {
        let attempts = Attempts::new();
        let of = |text: &str| Some(text.parse().unwrap());
        for _ in 0..Attempts::OF_ONE {
            assert!(attempts.begin(of("2001:db8::1")));
        }
        assert!(!attempts.begin(of("2001:db8::2")));
        assert!(attempts.begin(of("192.0.2.1")));
        attempts.take_back(of("2001:db8::3"));
        assert!(attempts.begin(of("2001:db8::2")));
        let let_on = (0..1_000).filter(|_| attempts.begin(None)).count();
        assert_eq!(let_on, (Attempts::OF_ALL - Attempts::OF_ONE - 1) as usize);
        assert!(!attempts.begin(of("192.0.2.2")));
    }
}
