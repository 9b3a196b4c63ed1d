use std::time::Duration;

use super::{commit, feed_of, head, insert};
use crate::store::{ChangeFeed, Changes, Instance, KeyStore, Position, Sign};

fn sign(id: u64, name: &str, position: Position) -> Sign {
    Sign { id, name: name.to_owned(), position, bound: Duration::from_millis(5_250) }
}

/// Whether the store wrote it.
async fn write(feed: &dyn ChangeFeed, sign: &Sign) -> bool {
    let instances = feed.instances().expect("the store keeps who verifies its keys");
    instances.sign(sign).await.expect("the store answers")
}

/// By name, and by number where a name is there twice.
async fn signed(feed: &dyn ChangeFeed) -> Vec<Instance> {
    let instances = feed.instances().expect("the store keeps who verifies its keys");
    let mut signed = instances.signed().await.expect("the store answers");
    signed.sort_by(|one, other| (&one.name, one.seq).cmp(&(&other.name, other.seq)));
    signed
}

/// What an instance signs takes the place of what it signed before, in every process; two of one
/// name are two; one that signs off is gone.
pub async fn instances_sign_and_sign_off<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let (feed, other) = (feed_of(&store), feed_of(&open().await));
    let begin = head(&store).await;
    commit(&store, vec![insert(1)]).await;
    let end = head(&store).await;

    let seen = async || {
        let signed = signed(&*other).await.into_iter();
        signed.map(|instance| (instance.name, instance.seq)).collect::<Vec<_>>()
    };
    let name = |name: &str, position: Position| (name.to_owned(), position.seq);
    assert_eq!(seen().await, []);
    assert!(write(&*feed, &sign(1, "web-1", begin)).await);
    assert!(write(&*other, &sign(u64::MAX, "web-1", end)).await);
    assert!(write(&*feed, &sign(2, "web-2", begin)).await);
    assert_eq!(seen().await, [name("web-1", begin), name("web-1", end), name("web-2", begin)]);
    assert!(write(&*feed, &sign(2, "web-2", end)).await);
    assert!(write(&*feed, &sign(1, "web-1", end)).await);
    assert_eq!(seen().await, [name("web-1", end), name("web-1", end), name("web-2", end)]);
    for id in [1, 7] {
        let instances = feed.instances().expect("it had them before");
        instances.sign_off(id).await.expect("the store takes it");
    }
    assert_eq!(seen().await, [name("web-1", end), name("web-2", end)]);
    for instance in signed(&*feed).await {
        assert_eq!(instance.bound, Duration::from_millis(5_250));
        assert!(instance.silence < Duration::from_mins(5), "{:?}", instance.silence);
    }
}

/// Whoever knows another history has not seen what is in this one.
pub async fn a_position_of_another_history_is_not_signed<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let feed = feed_of(&store);
    commit(&store, vec![insert(1)]).await;
    let end = head(&store).await;
    for position in [
        Position { mark: !end.mark, ..end },
        Position { seq: end.seq + 1, ..end },
        Position { seq: 0, ..end },
        Position { seq: 1 << 63, mark: 0 },
    ] {
        assert!(!write(&*feed, &sign(1, "web-1", position)).await, "{position:?}");
        assert_eq!(signed(&*feed).await.len(), 0, "{position:?}");
    }
}

/// The number for which somebody waits comes with the changes, in every process and from then on.
pub async fn whoever_waits_is_heard_by_every_poll<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let (feed, other) = (feed_of(&store), feed_of(&open().await));
    let awaited = async |position| match other.changes_since(Some(position)).await {
        Ok(Changes::Since { awaited, .. }) => awaited,
        answer => panic!("the position is part of the sequence: {answer:?}"),
    };
    let begin = head(&store).await;
    assert_eq!(awaited(begin).await, 0);
    for number in 1..=2 {
        commit(&store, vec![insert(number)]).await;
        let end = head(&store).await;
        let instances = feed.instances().expect("the store keeps who verifies its keys");
        let told = feed.table().own_changes();
        assert_eq!(instances.await_all().await.expect("the store answers"), end.seq);
        assert!(told.has_changed().is_ok_and(|it| it), "whoever pushes tells others at once");
        commit(&store, vec![insert(number + 10)]).await;
        assert_eq!(awaited(begin).await, end.seq);
        assert_eq!(awaited(head(&store).await).await, end.seq, "also when nothing has changed");
    }
}
