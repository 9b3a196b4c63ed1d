use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;

use crate::clock::Now;
use crate::limit::Window;

/// How many addresses are counted apart, at about 200 bytes each. Beyond that those are forgotten
/// that fail least often.
const PEERS: u64 = 50_000;
/// When an address that does not fail any more is forgotten; its minute is long over.
const IDLE: Duration = Duration::from_mins(5);
/// All that are over their limit ask the store one question in so many nanoseconds: ten a second.
const PAUSE: u64 = 100_000_000;

/// Attempts with unknown keys, counted by where they come from. Not touched for a key that is known.
#[derive(Debug)]
pub(crate) struct Attempts {
    limit: NonZeroU32,
    windows: Cache<IpAddr, Arc<Window>, ahash::RandomState>,
    /// When the gate opens to one of those over their limit, on the elapsed clock.
    opens_at: AtomicU64,
}

impl Attempts {
    pub(crate) fn new(limit: NonZeroU32) -> Self {
        let windows = Cache::builder()
            .max_capacity(PEERS)
            .time_to_idle(IDLE)
            .build_with_hasher(ahash::RandomState::new());
        Self { limit, windows, opens_at: AtomicU64::new(0) }
    }

    /// Counts an attempt that proved unknown.
    pub(crate) fn charge(&self, peer: IpAddr, now: Now) {
        let peer = block(peer);
        let window = self.windows.get_with(peer, Arc::default);
        if window.admit(self.limit, now).is_ok_and(|standing| standing.remaining() == 0) {
            tracing::warn!(
                target: "keyward",
                %peer,
                attempts = self.limit,
                "too many attempts with unknown keys in a minute: keys that are not known yet wait \
                 at a narrow gate there"
            );
        }
    }

    /// Lets one ask the store about a key of which nothing is known; else says after how many
    /// seconds all may again from there.
    pub(crate) fn admit(&self, peer: IpAddr, now: Now) -> Result<(), u32> {
        let window = self.windows.get(&block(peer));
        let Some(full) = window.and_then(|window| window.full(self.limit, now)) else {
            return Ok(());
        };
        let pass = |opens_at| (opens_at <= now.elapsed).then_some(now.elapsed + PAUSE);
        self.opens_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, pass)
            .map(drop)
            .map_err(|_| full.resets_in())
    }
}

/// Who has one address of IPv6 mostly has all of its /64.
fn block(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn at(millis: u64) -> Now {
        Now { elapsed: millis * 1_000_000, timestamp: Timestamp::from_millis(0) }
    }

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn attempts(limit: u32) -> Attempts {
        Attempts::new(NonZeroU32::new(limit).unwrap())
    }

    #[test]
    fn whoever_is_over_the_limit_shares_one_gate_until_the_minute_is_over() {
        let attempts = attempts(3);
        let peers = ["203.0.113.7", "198.51.100.9"].map(peer);
        for peer in peers {
            for _ in 0..2 {
                attempts.charge(peer, at(1_000));
                assert_eq!(attempts.admit(peer, at(1_000)), Ok(()));
                assert_eq!(attempts.admit(peer, at(1_000)), Ok(()));
            }
            attempts.charge(peer, at(1_000));
        }
        let passed = (0..10_000).filter(|millis| {
            let peer = peers[usize::try_from(millis % 2).unwrap()];
            attempts.admit(peer, at(2_000 + millis)).is_ok()
        });
        assert_eq!(passed.count(), 100, "ten a second");
        assert_eq!(attempts.admit(peers[0], at(11_999)), Err(50));
        assert_eq!(attempts.admit(peer("192.0.2.1"), at(11_999)), Ok(()));
        for _ in 0..10 {
            assert_eq!(attempts.admit(peers[0], at(61_000)), Ok(()));
        }
    }

    #[test]
    fn a_64_of_ipv6_counts_as_one_and_ipv4_in_ipv6_as_ipv4() {
        let attempts = attempts(2);
        for address in ["2001:db8:0:7::1", "2001:db8:0:7:ffff::", "::ffff:192.0.2.1", "192.0.2.1"] {
            attempts.charge(peer(address), at(1_000));
        }
        let gate = peer("2001:db8:0:7::2");
        assert_eq!(
            (attempts.admit(gate, at(1_000)), attempts.admit(gate, at(1_000))),
            (Ok(()), Err(60))
        );
        assert_eq!(attempts.admit(peer("192.0.2.1"), at(1_000)), Err(60));
        for other in ["2001:db8:0:8::1", "192.0.2.2", "::192.0.2.1"] {
            assert_eq!(attempts.admit(peer(other), at(1_000)), Ok(()));
        }
    }

    #[test]
    fn the_table_is_bounded_and_keeps_those_that_fail_often() {
        let attempts = attempts(100);
        let often = peer("203.0.113.7");
        for number in 0..3 * PEERS {
            attempts.charge(Ipv6Addr::from_bits(u128::from(number) << 64).into(), at(1_000));
            if number % 1_000 == 0 {
                attempts.charge(often, at(1_000));
                attempts.windows.run_pending_tasks();
                assert!(attempts.windows.entry_count() <= PEERS);
            }
        }
        assert_eq!(
            (attempts.admit(often, at(1_000)), attempts.admit(often, at(1_000))),
            (Ok(()), Err(60))
        );
    }
}
