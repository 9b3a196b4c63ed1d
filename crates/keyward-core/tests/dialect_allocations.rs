//! What happens on every request allocates nothing. A program of its own, as it counts every
//! allocation of the process.

use std::alloc::System;
use std::hint::black_box;

use keyward_core::dialect::{Dialect, GrantView};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The fewest allocations in one of many rounds: what the test harness does meanwhile is not
/// counted.
fn allocations(round: impl Fn()) -> usize {
    let count = |_| {
        let region = Region::new(ALLOCATOR);
        round();
        region.change().allocations
    };
    (0..100).map(count).min().unwrap_or(usize::MAX)
}

#[test]
fn recognising_permitting_and_naming_a_request_allocate_nothing() {
    let (standard, bigspin) = (Dialect::standard(), Dialect::bigspin());
    let key = standard.issue(standard.kind_id("live").unwrap()).unwrap();
    let secret = bigspin.kind_id("secret").unwrap();
    let junk = "x".repeat(10_000);
    let grant = GrantView::Only("halfpipe-transcripts-write projects-read");
    assert_ne!(allocations(|| drop(black_box(junk.clone()))), 0, "the counter counts");
    assert_eq!(
        allocations(|| {
            for text in [key.expose(), "kw_live_guess", &junk, "eyJhbGciOiJIUzI1NiJ9.e30.x"] {
                black_box(standard.recognise(text.as_bytes()));
            }
            black_box(bigspin.permits(secret, grant, "projects-write projects-read | admin"));
            black_box(standard.new_request_id());
        }),
        0
    );
}
