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

#[tokio::test(flavor = "multi_thread")]
async fn a_page_at_an_offset_is_that_part_of_the_list() {
    const KEYS: usize = 25;
    let it = Setting::new().await;
    for number in 0..KEYS {
        let id = it.create().await.record.id;
        it.manager.create(NewKey::new("globex", "other")).await.unwrap();
        if number % 5 == 0 {
            it.manager.revoke(&id, Reach::Key).await.unwrap();
            it.clock.advance(Duration::from_millis(1));
        }
    }
    let acme = it.manager.within("acme");
    for (status, total) in [(Status::Any, 25), (Status::Active, 20), (Status::Revoked, 5)] {
        let keys = ListKeys::new().with_status(status);
        let all = acme.list(&keys).await.unwrap();
        assert_eq!((all.keys.len(), all.total), (total, None));
        assert_eq!(acme.count(&keys).await.unwrap(), total as u64);
        for limit in [1, 4, 7, 25, 26] {
            for offset in 0..total + 3 {
                let keys = keys.clone().with_limit(limit).with_offset(offset as u64);
                let page = acme.list(&keys).await.unwrap();
                let end = total.min(offset + limit);
                assert_eq!(page.keys, all.keys[offset.min(end)..end], "{offset}, {limit}");
                assert_eq!(page.total, Some(total as u64));
                assert_eq!(page.next.is_some(), end < total, "{offset}, {limit}");
                assert_eq!(acme.count(&keys).await.unwrap(), total as u64);
            }
        }
        let beyond = acme.list(&keys.clone().with_offset(u64::MAX)).await.unwrap();
        assert_eq!((beyond.keys, beyond.total), (vec![], Some(total as u64)));
    }
    let of_globex = ListKeys::new().with_workspace("globex").with_offset(0);
    assert_eq!(acme.list(&of_globex).await.unwrap().total, Some(0));
    assert_eq!(acme.count(&of_globex).await.unwrap(), 0);
    assert_eq!(it.manager.count(&of_globex).await.unwrap(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_at_an_offset_goes_on_by_cursor_and_the_other_way_round() {
    let it = Setting::new().await;
    for _ in 0..5 {
        it.create().await;
    }
    let all = it.manager.list(&ListKeys::new()).await.unwrap().keys;
    let two = ListKeys::new().with_limit(2);
    let page = it.manager.list(&two.clone().with_offset(1)).await.unwrap();
    let next = two.clone().with_offset(4).with_after(page.next.clone().unwrap());
    assert_eq!(it.manager.list(&next).await.unwrap().keys, all[3..]);
    let again = two.with_after(page.next.unwrap()).with_offset(1);
    assert_eq!(it.manager.list(&again).await.unwrap().keys, all[1..3]);
}
