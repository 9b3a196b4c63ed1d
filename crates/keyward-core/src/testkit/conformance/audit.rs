use std::net::IpAddr;

use super::{assert_refused, changes_after, commit, head, id, insert};
use crate::audit::{Act, AuditEntry, AuditQuery, Origin};
use crate::clock::Timestamp;
use crate::key::{Creator, KeyId};
use crate::store::{KeyStore, StoreErrorKind, Write};

/// An entry with everything set, one with nothing set, each act and the extremes come back as they
/// went in, with a number.
pub async fn every_field_of_an_entry_comes_back<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let text = "naïve \"quoted\" 'single' \\ % _ \n\t \u{1f511} ключ 鍵 \u{7f}";
    let mut full = AuditEntry::new(
        Timestamp::from_millis(i64::MAX),
        Act::Updated,
        KeyId::new(format!("{text}/full")),
        text,
    );
    full.name = text.to_owned();
    full.by = Some(Creator::Person(text.to_owned()));
    full.origin = Origin { address: Some(ip("2001:db8::1")), request_id: Some(text.to_owned()) };
    full.fields = ["name", "rate_limit_per_min"].map(str::to_owned).to_vec();
    full.counterpart = Some(KeyId::new(text));
    let mut by_key = entry(1, Act::Rotated);
    by_key.by = Some(Creator::Key(id(2)));
    by_key.origin.address = Some(ip("203.0.113.255"));
    let earliest = Timestamp::from_millis(i64::MIN);
    let mut expected = vec![full, by_key, AuditEntry::new(earliest, Act::Created, id(3), "")];
    expected.extend(Act::ALL.map(|act| entry(4, act)));
    commit(&store, expected.iter().map(append).collect()).await;

    expected.reverse();
    for handle in [store, open().await] {
        let listed = trail(&handle, &AuditQuery::new()).await;
        let numbers: Vec<Option<u64>> = listed.iter().map(|entry| entry.number).collect();
        assert!(numbers.is_sorted_by(|one, next| next.is_some() && one > next), "{numbers:?}");
        let unnumbered = listed.into_iter().map(|entry| AuditEntry { number: None, ..entry });
        assert_eq!(unnumbered.collect::<Vec<_>>(), expected);
    }
}

/// An act that fails leaves no entry, wherever in its commit the entry stands.
pub async fn an_act_that_fails_leaves_no_entry<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    commit(&store, vec![insert(1), append(&entry(1, Act::Created))]).await;
    let missing = Write::Require { id: id(9), expected: 1 };
    for writes in [
        vec![append(&entry(2, Act::Created)), insert(2), missing.clone()],
        vec![missing, append(&entry(2, Act::Created))],
    ] {
        assert_refused(store.commit(writes).await, StoreErrorKind::Conflict);
    }
    let twice = vec![append(&entry(1, Act::Imported)), insert(1)];
    assert_refused(store.commit(twice).await, StoreErrorKind::Exists);

    let listed = trail(&store, &AuditQuery::new()).await;
    assert_eq!(acts(&listed), [(id(1), Act::Created)]);
}

/// Concurrent acts stand in the trail in the order of the change sequence.
pub async fn the_trail_is_in_the_order_of_the_commits<S: KeyStore>(open: impl AsyncFn() -> S) {
    const WRITERS: usize = 8;
    const ACTS: usize = 20;
    let store = open().await;
    let start = head(&store).await;
    let mut handles = Vec::new();
    for _ in 0..WRITERS {
        handles.push(open().await);
    }
    let write = |(writer, handle): (usize, S)| {
        tokio::spawn(async move {
            for number in 0..ACTS {
                let number = writer * ACTS + number;
                let writes = vec![insert(number), append(&entry(number, Act::Created))];
                handle.commit(writes).await.expect("nothing speaks against a new key");
            }
        })
    };
    let writers: Vec<_> = handles.into_iter().enumerate().map(write).collect();
    for writer in writers {
        writer.await.expect("the writer ends");
    }
    let changed = changes_after(&store, start).await.into_iter().map(|change| change.id);
    let mut listed = trail(&store, &AuditQuery::new().with_limit(1_000)).await;
    listed.reverse();
    assert!(listed.into_iter().map(|entry| entry.key).eq(changed), "another order");
}

/// Each page goes on where the one before ended, whatever is appended meanwhile.
pub async fn what_is_appended_moves_no_page_of_the_trail<S: KeyStore>(open: impl AsyncFn() -> S) {
    const ENTRIES: usize = 50;
    let store = open().await;
    commit(&store, (0..ENTRIES).map(|number| append(&entry(number, Act::Updated))).collect()).await;
    let query = AuditQuery::new().with_limit(7);
    let mut pages = Vec::new();
    let mut page = trail(&store, &query).await;
    while let Some(last) = page.last() {
        let after = last.number.expect("a stored entry has a number");
        assert!(page.len() <= query.limit, "{} entries in a page of {}", page.len(), query.limit);
        pages.append(&mut page);
        commit(&store, vec![append(&entry(ENTRIES + pages.len(), Act::Updated))]).await;
        page = trail(&store, &query.clone().with_after(after)).await;
    }
    let expected = (0..ENTRIES).rev().map(id);
    assert!(pages.into_iter().map(|entry| entry.key).eq(expected), "skipped or shown twice");
    assert_eq!(trail(&store, &AuditQuery { limit: 0, ..query }).await, []);
}

/// By key and by workspace; also of a key that is gone.
pub async fn the_trail_keeps_to_its_filters_and_outlives_its_keys<S: KeyStore>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let mut elsewhere = entry(1, Act::Updated);
    "Acme".clone_into(&mut elsewhere.workspace);
    commit(&store, vec![insert(1), append(&entry(1, Act::Created))]).await;
    commit(&store, vec![append(&entry(2, Act::Imported)), append(&elsewhere)]).await;
    let delete = Write::Delete { id: id(1), expected: 1 };
    commit(&store, vec![delete, append(&entry(1, Act::Deleted))]).await;

    let all = AuditQuery::new();
    let (of_key, of_acme) = (all.clone().with_key(id(1)), all.clone().with_workspace("acme"));
    let [deleted, updated] = [(id(1), Act::Deleted), (id(1), Act::Updated)];
    let [imported, created] = [(id(2), Act::Imported), (id(1), Act::Created)];
    for (query, expected) in [
        (&of_key, vec![&deleted, &updated, &created]),
        (&of_acme, vec![&deleted, &imported, &created]),
        (&of_key.clone().with_workspace("acme"), vec![&deleted, &created]),
        (&all.clone().with_workspace("globex"), vec![]),
        (&all.with_key(id(3)), vec![]),
    ] {
        let listed = trail(&store, query).await;
        assert!(acts(&listed).iter().eq(expected), "{query:?}: {listed:?}");
    }
}

fn entry(number: usize, act: Act) -> AuditEntry {
    AuditEntry::new(Timestamp::from_millis(1_700_000_000_000), act, id(number), "acme")
}

fn append(entry: &AuditEntry) -> Write {
    Write::Audit(Box::new(entry.clone()))
}

fn ip(address: &str) -> IpAddr {
    address.parse().expect("an address")
}

fn acts(entries: &[AuditEntry]) -> Vec<(KeyId, Act)> {
    entries.iter().map(|entry| (entry.key.clone(), entry.act)).collect()
}

async fn trail(store: &impl KeyStore, query: &AuditQuery) -> Vec<AuditEntry> {
    store.audit(query).await.expect("the store answers")
}
