use super::{
    assert_refused, changes_after, commit, digest, found, head, id, insert, insert_as, record,
    rename,
};
use crate::store::{KeyStore, StoreErrorKind, Write};

/// An id or digest that is taken is refused, and the key that has it stays as it was.
pub async fn insert_is_create_only<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1)]).await;

    let same_id = insert_as(2, record(1).with_name("another digest"));
    assert_refused(store.commit(vec![same_id]).await, StoreErrorKind::Exists);
    let same_digest = insert_as(1, record(2));
    assert_refused(store.commit(vec![same_digest]).await, StoreErrorKind::Exists);
    let twice = vec![insert(3), insert(3)];
    assert_refused(store.commit(twice).await, StoreErrorKind::Exists);

    assert_eq!(found(&store, 1).await, Some(record(1)));
    assert_eq!(found(&store, 2).await, None);
    assert_eq!(found(&store, 3).await, None);
}

/// Replace, delete and require of a version that the key does not have, or of no key, conflict.
pub async fn a_write_of_another_version_is_a_conflict<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1)]).await;
    commit(&store, vec![rename(&record(1), "second")]).await;

    let stale = |id: crate::key::KeyId| {
        let record = Box::new(crate::key::KeyRecord::new(id.clone(), "thief", "secret"));
        [
            Write::Replace { record, expected: 1 },
            Write::Delete { id: id.clone(), expected: 1 },
            Write::Require { id, expected: 1 },
        ]
    };
    for write in stale(id(1)).into_iter().chain(stale(id(2))) {
        assert_refused(store.commit(vec![write]).await, StoreErrorKind::Conflict);
    }

    let kept = found(&store, 1).await.expect("a refused write removes nothing");
    assert_eq!((kept.name.as_str(), kept.version), ("second", 2));
    commit(&store, vec![rename(&kept, "third")]).await;
    commit(&store, vec![Write::Delete { id: id(1), expected: 3 }]).await;
    assert_eq!(found(&store, 1).await, None);
}

/// A commit whose last write fails leaves no key, no change and no number behind.
pub async fn a_commit_is_all_or_nothing<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1), insert(2), insert(3)]).await;
    let before = head(&store).await;

    let writes = vec![
        insert(4),
        rename(&record(1), "renamed"),
        Write::Delete { id: id(2), expected: 1 },
        insert(5),
        Write::Require { id: id(3), expected: 2 },
    ];
    assert_refused(store.commit(writes).await, StoreErrorKind::Conflict);

    for number in 1..=3 {
        assert_eq!(found(&store, number).await, Some(record(number)));
        assert_eq!(store.get(&id(number)).await.expect("answers"), Some(record(number)));
    }
    assert_eq!(found(&store, 4).await, None);
    assert_eq!(found(&store, 5).await, None);
    assert_eq!(head(&store).await, before, "a commit that failed moved the sequence");

    commit(&store, vec![insert(4)]).await;
    let changes = changes_after(&store, before).await;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].seq, before.seq + 1, "a commit that failed burned a number");
}

/// Require takes no number, and holds back the writes beside it when the key has changed.
pub async fn require_changes_nothing_and_guards_the_rest<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1)]).await;
    let before = head(&store).await;

    commit(&store, vec![Write::Require { id: id(1), expected: 1 }]).await;
    commit(&store, Vec::new()).await;
    assert_eq!(head(&store).await, before, "nothing was changed, so nothing is numbered");

    commit(&store, vec![Write::Require { id: id(1), expected: 1 }, insert(2)]).await;
    assert_eq!(changes_after(&store, before).await.len(), 1);
    let guarded = vec![Write::Require { id: id(1), expected: 7 }, insert(3)];
    assert_refused(store.commit(guarded).await, StoreErrorKind::Conflict);
    assert_eq!(found(&store, 3).await, None);
    assert_eq!(found(&store, 1).await, Some(record(1)));
}

/// A deleted key is found neither by digest nor by id nor in a list, and its id is free again.
pub async fn a_deleted_key_is_gone<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1), insert(2)]).await;
    commit(&store, vec![Write::Delete { id: id(1), expected: 1 }]).await;

    assert_eq!(found(&store, 1).await, None);
    assert_eq!(store.get(&id(1)).await.expect("answers"), None);
    let query = crate::store::ListQuery { limit: 10, ..Default::default() };
    assert_eq!(store.list(&query).await.expect("answers"), [record(2)]);
    commit(&store, vec![insert(1)]).await;
    assert_eq!(found(&store, 1).await, Some(record(1)));
    assert_eq!(store.get(&id(1)).await.expect("answers"), Some(record(1)));
    assert_ne!(digest(1), digest(2));
}

/// The first dialect to claim a store keeps it, whichever handle asks; others are told both names.
pub async fn a_dialect_claims_a_store_once<S: KeyStore>(open: impl AsyncFn() -> S) {
    let (store, other) = (open().await, open().await);
    assert_eq!(store.dialect().await.expect("answers"), None);
    let (first, second) = tokio::join!(store.claim("bigspin"), other.claim("onepin"));
    let (winner, loser, refused) = match (first, second) {
        (Ok(()), Err(refused)) => ("bigspin", "onepin", refused),
        (Err(refused), Ok(())) => ("onepin", "bigspin", refused),
        (first, second) => panic!("one of two dialects claims a store: {first:?}, {second:?}"),
    };
    assert_eq!(refused.kind(), StoreErrorKind::OtherDialect);
    for name in [winner, loser] {
        assert!(refused.to_string().contains(name), "`{refused}` does not name {name}");
    }
    for handle in [&store, &other, &open().await] {
        handle.claim(winner).await.expect("the dialect that claimed it opens it again");
        assert_refused(handle.claim(loser).await, StoreErrorKind::OtherDialect);
        assert_eq!(handle.dialect().await.expect("answers").as_deref(), Some(winner));
    }
}
