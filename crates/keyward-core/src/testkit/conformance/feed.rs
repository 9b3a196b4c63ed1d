use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{changes_after, commit, digest, feed_of, found, head, id, insert, record, rename};
use crate::store::{Changes, KeyStore, Operation, Position, StoreErrorKind, Write};

/// 32 commit at once: every change has its own number, no number is missing, and those of one
/// commit follow each other.
pub async fn concurrent_commits_are_numbered_without_gap_or_duplicate<S: KeyStore>(
    open: impl AsyncFn() -> S,
) {
    const COMMITTERS: usize = 32;
    const COMMITS: usize = 4;
    let stores = [Arc::new(open().await), Arc::new(open().await)];
    let start = head(&*stores[0]).await;
    let mut committers = JoinSet::new();
    for committer in 0..COMMITTERS {
        let store = Arc::clone(&stores[committer % 2]);
        committers.spawn(async move {
            for round in 0..COMMITS {
                let first = (committer * COMMITS + round) * 2;
                commit(&*store, vec![insert(first), insert(first + 1)]).await;
            }
        });
    }
    while let Some(done) = committers.join_next().await {
        done.expect("every commit succeeds");
    }

    let changes = changes_after(&*stores[0], start).await;
    assert_eq!(changes.len(), COMMITTERS * COMMITS * 2);
    for (change, expected) in changes.iter().zip(start.seq + 1..) {
        assert_eq!(change.seq, expected, "numbers follow each other");
    }
    for (index, pair) in changes.chunks(2).enumerate() {
        let numbers = pair.iter().map(|change| change.id.as_str()["key_".len()..].parse::<usize>());
        let numbers: Vec<usize> = numbers.map(|number| number.expect("a made id")).collect();
        assert_eq!(numbers[0] + 1, numbers[1], "commit {index} is torn apart");
    }
    assert_eq!(head(&*stores[1]).await.seq, start.seq + changes.len() as u64);
}

/// Many replace one version of one key at once: one succeeds, the others conflict.
pub async fn only_one_of_concurrent_writers_of_a_version_wins<S: KeyStore>(
    open: impl AsyncFn() -> S,
) {
    let stores = [Arc::new(open().await), Arc::new(open().await)];
    commit(&*stores[0], vec![insert(1)]).await;
    let mut writers = JoinSet::new();
    for writer in 0..16 {
        let store = Arc::clone(&stores[writer % 2]);
        writers.spawn(async move {
            store.commit(vec![rename(&record(1), &format!("by {writer}"))]).await
        });
    }
    let mut won = 0;
    while let Some(done) = writers.join_next().await {
        match done.expect("no writer panics") {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(found(&*stores[0], 1).await.map(|record| record.version), Some(2));
}

/// More than two thousand changes come in order, a thousand at most a page.
pub async fn changes_come_in_pages<S: KeyStore>(open: impl AsyncFn() -> S) {
    const CHANGES: usize = 2_100;
    let store = open().await;
    let start = head(&store).await;
    for first in (0..CHANGES).step_by(300) {
        commit(&store, (first..first + 300).map(insert).collect()).await;
    }

    let changes = changes_after(&store, start).await;
    assert_eq!(changes.len(), CHANGES);
    for (number, change) in changes.iter().enumerate() {
        assert_eq!(change.seq, start.seq + 1 + number as u64);
        assert_eq!(change.id, id(number));
        assert_eq!(change.digest, digest(number));
        assert_eq!(change.operation, Operation::Created);
    }
    let end = head(&store).await;
    assert_eq!(changes_after(&store, end).await.len(), 0, "nothing comes after the head");
}

/// A wrong mark, a number beyond the head, and no position at all: nothing known before counts.
pub async fn a_position_of_another_history_is_lost<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let start = head(&store).await;
    assert_eq!(start.seq, 0, "the sequence begins with 0, the making of the store");
    commit(&store, vec![insert(1), insert(2)]).await;
    let end = head(&store).await;
    assert_ne!(start.mark, end.mark, "marks are random");

    let strangers = [
        Position { mark: start.mark.wrapping_add(1), ..start },
        Position { mark: !end.mark, ..end },
        Position { seq: start.seq, mark: end.mark },
        Position { seq: end.seq + 1, mark: end.mark },
        Position { seq: u64::MAX, mark: end.mark },
        Position { seq: 1 << 63, mark: 0 },
    ];
    for position in strangers {
        match feed_of(&store).changes_since(Some(position)).await.expect("the store answers") {
            Changes::Lost { head } => assert_eq!(head, end),
            Changes::Since { .. } => panic!("{position:?} was never part of the sequence"),
        }
    }
    assert_eq!(changes_after(&store, start).await.len(), 2, "the true position is not lost");
}

/// What one handle does, another hears of by polling: which key, which digest, what was done.
pub async fn another_handle_hears_of_a_change<S: KeyStore>(open: impl AsyncFn() -> S) {
    let (store, other) = (open().await, open().await);
    let position = head(&other).await;
    commit(&store, vec![insert(1), insert(2)]).await;
    let delete = Write::Delete { id: id(2), expected: 1 };
    commit(&store, vec![rename(&record(1), "renamed"), delete]).await;

    let heard: Vec<_> = changes_after(&other, position)
        .await
        .into_iter()
        .map(|change| (change.seq - position.seq, change.id, change.digest, change.operation))
        .collect();
    let expected = [
        (1, id(1), digest(1), Operation::Created),
        (2, id(2), digest(2), Operation::Created),
        (3, id(1), digest(1), Operation::Updated),
        (4, id(2), digest(2), Operation::Deleted),
    ];
    assert_eq!(heard, expected);
    assert_eq!(found(&other, 1).await.map(|record| record.name).as_deref(), Some("renamed"));
    assert_eq!(found(&other, 2).await, None);
}

/// When a commit returns, no answer from before it counts in this process any more, whichever
/// clone of the handle's feed looks; a commit that failed disturbs nobody.
pub async fn the_table_is_raised_before_commit_returns<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let feed = feed_of(&store);
    let writes =
        [insert(1), rename(&record(1), "renamed"), Write::Delete { id: id(1), expected: 2 }];
    for write in writes {
        let asked = feed.table().tick();
        let answers = store.lookup_many(&[digest(1)]).await.expect("answers");
        let as_of = answers.as_of.expect("is kept").seq;
        let stamp = feed.table().stamp(&digest(1));
        assert!(feed.table().accepts(&digest(1), as_of, asked), "the answer is fresh");

        let refused = store.commit(vec![write.clone(), Write::Require { id: id(9), expected: 1 }]);
        assert_eq!(refused.await.err().map(|it| it.kind()), Some(StoreErrorKind::Conflict));
        assert_eq!(feed.table().stamp(&digest(1)), stamp, "nothing happened");

        commit(&store, vec![write]).await;
        assert!(!feed.table().accepts(&digest(1), as_of, asked), "the answer is from before");
        let asked = feed.table().tick();
        let answers = store.lookup_many(&[digest(1)]).await.expect("answers");
        let as_of = answers.as_of.expect("is kept").seq;
        assert!(feed.table().accepts(&digest(1), as_of, asked), "and a new one counts");
    }
}

/// However far a commit had come when its caller was dropped: once it is settled, no answer that
/// differs from what is stored counts, be it from before the commit or from just after the drop.
pub async fn a_dropped_commit_leaves_no_stale_answer<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let table = Arc::clone(feed_of(&store).table());
    commit(&store, vec![insert(1)]).await;
    let mut current = record(1);
    for polls in (0..16).map(|power| 1 << power).cycle().take(48) {
        let before = (table.tick(), store.lookup_many(&[digest(1)]).await);
        poll_at_most(polls, store.commit(vec![rename(&current, "dropped")])).await;
        let after = (table.tick(), store.lookup_many(&[digest(1)]).await);

        // Both are about one version of one key, so that this comes after the dropped one or
        // keeps it from happening at all.
        if let Err(error) = store.commit(vec![rename(&current, "settled")]).await {
            assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}");
        }
        current = found(&store, 1).await.expect("nobody deletes it");

        for (asked, answers) in [before, after] {
            let answers = answers.expect("the store answers");
            let as_of = answers.as_of.expect("a key store keeps a sequence").seq;
            if answers.records[0].as_ref() == Some(&current) {
                continue;
            }
            // The dropped commit may have a last step to do, the one that raises the table.
            let deadline = Instant::now() + Duration::from_secs(30);
            while table.accepts(&digest(1), as_of, asked) {
                assert!(Instant::now() < deadline, "an old answer counts after {polls} polls");
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Polls a future so many times, lets others run in between, and drops it.
async fn poll_at_most<T>(polls: u32, future: impl Future<Output = T>) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await {
            return;
        }
        tokio::task::yield_now().await;
    }
}
