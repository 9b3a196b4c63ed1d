//! Every metric there is: its name, what it says, and when it changes.
//!
//! Each is looked up where it changes, so that a recorder counts from the moment it is installed.
//! None of that is on the way of a cached key.

use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::hits;
use crate::verify::RejectionKind;

const VERIFICATIONS: &str = "keyward_verifications_total";
const CACHE_HITS: &str = "keyward_cache_hits_total";
const CACHE_MISSES: &str = "keyward_cache_misses_total";
const COUNTED_ALONE: &str = "keyward_counted_alone_total";
const USE_BACKLOG: &str = "keyward_use_backlog";
const USE_LOST: &str = "keyward_use_lost_total";
const CACHED_KEYS: &str = "keyward_cached_keys";
const LOOKUP_SECONDS: &str = "keyward_lookup_seconds";
const LOOKUP_ERRORS: &str = "keyward_lookup_errors_total";
const FRESHNESS_SECONDS: &str = "keyward_freshness_seconds";
const BREAKER_OPEN: &str = "keyward_breaker_open";

/// The outcome of a request that is no rejection.
const OK: &str = "ok";

/// What all verifiers of the process are like at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Gauges {
    /// How many keys are in memory.
    pub(crate) cached_keys: u64,
    /// How many verifiers leave their store alone, because it does not answer.
    pub(crate) without_store: u32,
    /// How many count by themselves, because whoever counts for all processes does not answer.
    pub(crate) without_shared_limits: u32,
    /// How many rows of use wait to be written.
    pub(crate) use_backlog: usize,
    /// Seconds since the oldest knowledge of a store was true; `None` where none is polled.
    pub(crate) freshness: Option<f64>,
}

/// Describes every metric, and begins the counters at zero: a rate knows what came first.
pub(crate) fn describe() {
    describe_counter!(VERIFICATIONS, "Requests, by what became of their key.");
    verified(OK, 0);
    for kind in RejectionKind::ALL {
        verified(kind.as_str(), 0);
    }
    describe_counter!(CACHE_HITS, "Requests whose key was in memory, known or unknown.");
    counter!(CACHE_HITS).increment(0);
    describe_counter!(CACHE_MISSES, "Requests whose key the store had to be asked for.");
    counter!(CACHE_MISSES).increment(0);
    describe_counter!(COUNTED_ALONE, "Requests that nobody counted with those of other processes.");
    counter!(COUNTED_ALONE).increment(0);
    describe_counter!(USE_LOST, "Requests of which it is not recorded that they used their key.");
    counter!(USE_LOST).increment(0);
    describe_gauge!(USE_BACKLOG, "Rows of how keys are used that wait to be written.");
    describe_gauge!(CACHED_KEYS, "Keys in memory.");
    describe_histogram!(
        LOOKUP_SECONDS,
        Unit::Seconds,
        "Time of one question to the store about keys, up to 512 at once."
    );
    let _ = histogram!(LOOKUP_SECONDS);
    describe_counter!(LOOKUP_ERRORS, "Questions to the store about keys that failed.");
    counter!(LOOKUP_ERRORS).increment(0);
    describe_gauge!(
        FRESHNESS_SECONDS,
        Unit::Seconds,
        "Age of what is known of changes in the store; +Inf before it has answered once."
    );
    describe_gauge!(BREAKER_OPEN, "Verifiers that leave alone who does not answer them.");
}

/// So many requests had this outcome.
pub(super) fn verified(outcome: &'static str, times: u64) {
    counter!(VERIFICATIONS, "outcome" => outcome).increment(times);
}

/// A request's key was in memory as one that nobody knows.
pub(crate) fn hit_of_unknown() {
    counter!(CACHE_HITS).increment(1);
}

/// A request's key has to be asked for.
pub(crate) fn missed() {
    counter!(CACHE_MISSES).increment(1);
}

/// A request was to be counted with those of other processes, and is counted by this one.
pub(crate) fn counted_alone() {
    counter!(COUNTED_ALONE).increment(1);
}

/// The use of so many requests found no room.
pub(crate) fn use_lost(requests: u64) {
    counter!(USE_LOST).increment(requests);
}

/// The store was asked about keys.
pub(crate) fn looked_up(took: Duration, failed: bool) {
    tracing::debug!(target: "keyward", ?took, failed, "store asked");
    histogram!(LOOKUP_SECONDS).record(took);
    if failed {
        counter!(LOOKUP_ERRORS).increment(1);
    }
}

/// Shows how the verifiers are, and what was counted since the last time.
pub(crate) fn show(gauges: Gauges) {
    let (hits, let_in) = hits::take();
    counter!(CACHE_HITS).increment(hits);
    verified(OK, let_in);
    gauge!(CACHED_KEYS).set(u32::try_from(gauges.cached_keys).unwrap_or(u32::MAX));
    gauge!(BREAKER_OPEN, "of" => "store").set(gauges.without_store);
    gauge!(BREAKER_OPEN, "of" => "limits").set(gauges.without_shared_limits);
    gauge!(USE_BACKLOG).set(u32::try_from(gauges.use_backlog).unwrap_or(u32::MAX));
    if let Some(seconds) = gauges.freshness {
        gauge!(FRESHNESS_SECONDS).set(seconds);
    }
}
