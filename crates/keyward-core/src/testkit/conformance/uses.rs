use std::time::Duration;

use super::{commit, head, id, insert, insert_as, record, rename};
use crate::clock::Timestamp;
use crate::store::{Flush, KeyStore, Use, Write};
use crate::usage::{Counts, UsePoint};

/// The hour of this number.
fn hour(number: i64) -> Timestamp {
    Timestamp::from_millis(number * 3_600_000)
}

/// Requests of a key in an hour, the last of which was let in so many milliseconds after it began.
fn used(number: usize, hour_number: i64, millis: u64, counts: Counts) -> Use {
    let hour = hour(hour_number);
    let last_used_at = (millis > 0).then(|| hour.plus(Duration::from_millis(millis)));
    Use { id: id(number), last_used_at, hour, counts }
}

fn requests(requests: u64) -> Counts {
    Counts { requests, ..Counts::default() }
}

async fn flush(store: &impl KeyStore, recorder: u64, number: u64, uses: Vec<Use>) {
    let flush = Flush { recorder, number, at: hour(number.cast_signed()), uses };
    let store = store.uses().expect("the store keeps how keys are used");
    store.record(&flush).await.expect("the store takes it");
}

async fn usage(store: &impl KeyStore, number: usize, from: i64, to: i64) -> Vec<UsePoint> {
    let store = store.uses().expect("the store keeps how keys are used");
    store.usage(&id(number), hour(from)..hour(to)).await.expect("the store answers")
}

async fn last_use(store: &impl KeyStore, number: usize) -> Option<Timestamp> {
    let record = store.get(&id(number)).await.expect("the store answers");
    record.expect("the key is there").last_used_at
}

fn point(number: i64, counts: Counts) -> UsePoint {
    UsePoint { hour: hour(number), counts }
}

/// Uses of an hour are added up whoever counted them, hours stay apart, and every process reads them.
pub async fn uses_are_added_up_hour_by_hour<S: KeyStore>(open: impl AsyncFn() -> S) {
    let (store, other) = (open().await, open().await);
    commit(&store, vec![insert(1), insert(2)]).await;
    let counts = Counts { requests: 15, scope_refused: 1, limited: 2, expired: 3, revoked: 4 };
    flush(&store, 1, 1, vec![used(1, 10, 1, counts), used(2, 10, 1, requests(7))]).await;
    flush(&other, 2, 1, vec![used(1, 10, 2, counts), used(1, 12, 1, requests(1))]).await;
    let most = requests(1 << 40);
    flush(&store, 1, 2, vec![used(1, 11, 1, most), used(1, 12, 2, requests(1))]).await;

    let sum = Counts { requests: 30, scope_refused: 2, limited: 4, expired: 6, revoked: 8 };
    let points = [point(10, sum), point(11, most), point(12, requests(2))];
    for store in [&store, &other] {
        assert_eq!(usage(store, 1, 0, 100).await, points);
        assert_eq!(usage(store, 1, 10, 12).await, points[..2], "the end is not in the span");
        assert_eq!(usage(store, 1, 12, 10).await, []);
        assert_eq!(usage(store, 2, 0, 100).await, [point(10, requests(7))]);
        assert_eq!(usage(store, 3, 0, 100).await, []);
        assert_eq!(last_use(store, 1).await, Some(hour(12).plus(Duration::from_millis(2))));
    }
}

/// A flush whose answer was lost comes again, and is not added again.
pub async fn a_flush_that_comes_twice_counts_once<S: KeyStore>(open: impl AsyncFn() -> S) {
    let (store, other) = (open().await, open().await);
    commit(&store, vec![insert(1)]).await;
    let (one, two) = (u64::MAX, 2);
    for store in [&store, &other, &store] {
        flush(store, one, 1, vec![used(1, 10, 5, requests(3))]).await;
    }
    assert_eq!(usage(&store, 1, 0, 100).await, [point(10, requests(3))]);
    flush(&store, two, 1, vec![used(1, 10, 5, requests(3))]).await;
    flush(&store, one, 2, vec![used(1, 10, 5, requests(3))]).await;
    assert_eq!(usage(&store, 1, 0, 100).await, [point(10, requests(9))], "these are others");
}

/// A last use never goes back: not by a flush that comes late, not by a record that was read before,
/// and not by requests that were refused.
pub async fn a_last_use_never_goes_back<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1)]).await;
    let before = record(1);
    let uses = [used(1, 10, 9, requests(1)), used(1, 11, 7, requests(1))];
    flush(&store, 1, 1, uses.to_vec()).await;
    let newest = Some(hour(11).plus(Duration::from_millis(7)));
    assert_eq!(last_use(&store, 1).await, newest, "of two in one flush");
    flush(&store, 2, 1, vec![used(1, 10, 5, requests(1))]).await;
    assert_eq!(last_use(&store, 1).await, newest, "by a flush");
    let refused = Counts { requests: 1, expired: 1, ..Counts::default() };
    flush(&store, 2, 2, vec![used(1, 12, 0, refused)]).await;
    assert_eq!(last_use(&store, 1).await, newest, "by a refused request");
    assert_eq!(before.last_used_at, None);
    commit(&store, vec![rename(&before, "renamed")]).await;
    assert_eq!(last_use(&store, 1).await, newest, "by a change of what was read before");

    commit(&store, vec![insert(2)]).await;
    flush(&store, 2, 3, vec![used(2, 12, 0, refused)]).await;
    assert_eq!(last_use(&store, 2).await, None);
    let mut later = record(2).with_name("later");
    (later.version, later.last_used_at) = (2, Some(hour(1)));
    commit(&store, vec![Write::Replace { record: Box::new(later), expected: 1 }]).await;
    assert_eq!(last_use(&store, 2).await, Some(hour(1)), "where there was none");
}

/// Use is no change: no version and no number of the sequence, so no cache asks anew.
pub async fn use_is_not_a_change<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1)]).await;
    let before = head(&store).await;
    flush(&store, 1, 1, vec![used(1, 10, 5, requests(1))]).await;
    assert_eq!(head(&store).await, before);
    let mut expected = record(1);
    expected.last_used_at = Some(hour(10).plus(Duration::from_millis(5)));
    assert_eq!(store.get(&id(1)).await.expect("the store answers"), Some(expected));
}

/// What is counted of a key goes with it, and comes no more; the rest of the flush counts. A new key
/// of its id begins with nothing.
pub async fn uses_go_with_their_key<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1), insert(2)]).await;
    let uses = vec![used(1, 10, 5, requests(1)), used(2, 10, 5, requests(1))];
    flush(&store, 1, 1, uses.clone()).await;
    let delete = |expected| vec![Write::Delete { id: id(1), expected }];
    assert!(store.commit(delete(7)).await.is_err());
    assert_eq!(usage(&store, 1, 0, 100).await, [point(10, requests(1))], "it is there still");
    commit(&store, delete(1)).await;
    assert_eq!(usage(&store, 1, 0, 100).await, []);
    flush(&store, 1, 2, uses).await;
    assert_eq!(usage(&store, 1, 0, 100).await, []);
    assert_eq!(usage(&store, 2, 0, 100).await, [point(10, requests(2))]);
    commit(&store, vec![insert_as(1, record(1))]).await;
    assert_eq!(usage(&store, 1, 0, 100).await, []);
    assert_eq!(last_use(&store, 1).await, None);
}

/// Old hours are forgotten, however many there are.
pub async fn old_uses_are_forgotten<S: KeyStore>(open: impl AsyncFn() -> S) {
    const MANY: usize = 4_000;
    let store = open().await;
    commit(&store, (0..MANY).map(insert).collect()).await;
    for number in [1_u64, 2] {
        let hour = number.cast_signed();
        let uses = (0..MANY).map(|key| used(key, hour, 1, requests(number))).collect();
        flush(&store, 7, number, uses).await;
    }
    assert_eq!(usage(&store, MANY - 1, 0, 100).await.len(), 2);
    let uses = store.uses().expect("it had them before");
    for _ in 0..MANY {
        if !uses.prune(hour(2)).await.expect("the store takes it") {
            break;
        }
    }
    for key in [0, MANY / 2, MANY - 1] {
        assert_eq!(usage(&store, key, 0, 100).await, [point(2, requests(2))]);
    }
    assert!(!uses.prune(hour(2)).await.expect("the store takes it"), "nothing is left to forget");
}
