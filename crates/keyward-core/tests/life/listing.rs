//! Lists go to the end, without a gap or a double.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyward_core::key::Creator;
use keyward_core::manage::{Cursor, ListKeys, NewKey, Reach, Status};

use crate::setting::Setting;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_have_neither_gap_nor_double_while_keys_are_created() {
    const KEYS: usize = 250;
    let it = Setting::new().await;
    let mut before = Vec::new();
    for number in 0..KEYS {
        before.push(it.create().await.record.id);
        // Several of one millisecond, so that the id decides.
        if number % 7 == 0 {
            it.clock.advance(Duration::from_millis(1));
        }
    }
    let stop = Arc::new(AtomicBool::new(false));
    let creating = tokio::spawn({
        let (manager, clock, stop) = (it.manager.clone(), it.clock.clone(), Arc::clone(&stop));
        async move {
            while !stop.load(Ordering::SeqCst) {
                clock.advance(Duration::from_millis(1));
                manager.create(NewKey::new("acme", "meanwhile")).await.unwrap();
                tokio::task::yield_now().await;
            }
        }
    });
    for limit in [1, 7, 100, 249, 250, 1_000] {
        let mut keys = ListKeys::new().with_limit(limit);
        let mut seen = Vec::new();
        loop {
            let page = it.manager.list(&keys).await.unwrap();
            assert!(page.keys.len() <= limit);
            seen.extend(page.keys);
            let Some(next) = page.next else { break };
            // Through a client and back.
            keys = keys.with_after(next.to_string().parse::<Cursor>().unwrap());
        }
        for pair in seen.windows(2) {
            let order = |index: usize| (pair[index].created_at, &pair[index].id);
            assert!(order(0) > order(1), "from the newest to the oldest, none twice");
        }
        let seen: HashSet<_> = seen.into_iter().map(|record| record.id).collect();
        assert!(before.iter().all(|id| seen.contains(id)), "{limit} a page");
    }
    stop.store(true, Ordering::SeqCst);
    creating.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_keep_to_what_was_asked_for() {
    let it = Setting::new().await;
    let ada = Creator::Person("ada".to_owned());
    let new = NewKey::new("acme", "by ada");
    let by_ada = it.manager.acting_as(ada.clone()).create(new).await.unwrap().record;
    let revoked = it.create().await.record;
    let revoked = it.manager.revoke(&revoked.id, Reach::Key).await.unwrap();
    let other = it.manager.create(NewKey::new("globex", "other")).await.unwrap().record;

    let list = async |keys: ListKeys| it.manager.list(&keys).await.unwrap().keys;
    assert_eq!(list(ListKeys::new().with_created_by(ada)).await, std::slice::from_ref(&by_ada));
    assert_eq!(list(ListKeys::new().with_status(Status::Revoked)).await, [revoked]);
    assert_eq!(list(ListKeys::new().with_workspace("globex")).await, [other]);
    let active = ListKeys::new().with_workspace("acme").with_status(Status::Active);
    assert_eq!(list(active).await, [by_ada]);
    assert_eq!(list(ListKeys::new().with_workspace("initech")).await, []);
    assert_eq!(list(ListKeys::new().with_limit(0)).await.len(), 1, "at least one a page");
    assert_eq!(list(ListKeys::new().with_limit(usize::MAX)).await.len(), 3);
}
