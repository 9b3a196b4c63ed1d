//! A key that is cached is verified without a heap allocation of its own. A program of its own, as
//! it counts every allocation of the process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::alloc::System;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

use keyward_core::dialect::Dialect;
use keyward_core::manage::{Issued, KeyManager, NewKey};
use keyward_core::store::MemoryStore;
use keyward_core::verify::{Check, HeaderValues, RequestHead, Verifier};
use moka::sync::Cache;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const GETS: usize = 1_000_000;

struct Head(String);

impl RequestHead for Head {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    }

    fn query(&self) -> Option<&str> {
        None
    }
}

/// moka's maintenance runs in whichever thread reads, now and then.
fn allocations_in_all_gets(get: impl Fn()) -> usize {
    let region = Region::new(ALLOCATOR);
    (0..GETS).for_each(|_| get());
    region.change().allocations
}

#[tokio::test]
async fn a_hit_allocates_no_more_than_a_bare_moka_get() {
    let store = MemoryStore::new();
    let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await.unwrap();
    let plain = NewKey::new("acme", "ci");
    let limited = NewKey::new("acme", "ci").with_rate_limit_per_min(NonZeroU32::MAX);
    for new in [plain, limited] {
        let issued = manager.create(new).await.unwrap();
        check(store.clone(), issued).await;
    }
}

async fn check(store: MemoryStore, issued: Issued) {
    let verifier = Verifier::builder(Dialect::standard(), store)
        // Its poll does not run while this thread counts.
        .with_max_staleness(Duration::from_hours(1))
        .build()
        .unwrap();
    let head = Head(format!("Bearer {}", issued.key.expose()));
    while !matches!(verifier.check(&head), Check::Done(Ok(_))) {
        verifier.verify(&head).await.unwrap();
        tokio::task::yield_now().await;
    }
    let bare = Cache::new(100_000);
    bare.insert([7_u8; 32], std::sync::Arc::new(issued.record));

    let moka = allocations_in_all_gets(|| assert!(black_box(bare.get(&[7; 32])).is_some()));
    let ours = allocations_in_all_gets(|| {
        assert!(matches!(black_box(verifier.check(&head)), Check::Done(Ok(_))));
    });
    assert!(ours <= moka + GETS / 10_000, "{ours} where moka alone needs {moka}");

    let region = Region::new(ALLOCATOR);
    for _ in 0..100 {
        verifier.verify(&head).await.unwrap();
    }
    assert!(region.change().allocations < 100, "the awaited way allocates nothing either");
    assert_ne!(allocations_in_all_gets(|| drop(black_box(head.0.clone()))), 0, "it counts");
}
