use std::cmp::Reverse;

use super::{commit, id, insert, insert_as, record};
use crate::clock::Timestamp;
use crate::key::{Creator, KeyId, KeyRecord};
use crate::store::{KeyStore, ListQuery};

/// Newest first, by id where two are as old; each page goes on where the one before ended.
pub async fn lists_go_from_newest_to_oldest_page_by_page<S: KeyStore>(open: impl AsyncFn() -> S) {
    const KEYS: usize = 250;
    let store = open().await;
    // In another order than that of their ages.
    let writes = (0..KEYS).map(|number| insert(number * 97 % KEYS)).collect();
    commit(&store, writes).await;

    let mut expected: Vec<KeyRecord> = (0..KEYS).map(record).collect();
    expected.sort_by_key(|record| Reverse((record.created_at, record.id.clone())));
    for limit in [1, 7, 100, KEYS, usize::MAX] {
        let query = ListQuery { limit, ..ListQuery::default() };
        assert!(list_all(&store, query).await == expected, "pages of {limit}");
    }
    expected.reverse();
    let query = ListQuery { limit: 7, oldest_first: true, ..ListQuery::default() };
    assert!(list_all(&store, query).await == expected, "from the oldest to the newest");
    let nothing = ListQuery::default();
    assert_eq!(store.list(&nothing).await.expect("the store answers"), []);
}

/// So many are left out of what comes after the page before, from either end.
pub async fn a_list_skips_what_it_is_told_to<S: KeyStore>(open: impl AsyncFn() -> S) {
    const KEYS: usize = 100;
    let store = open().await;
    commit(&store, (0..KEYS).map(insert).collect()).await;
    let newest_first = ListQuery { limit: KEYS, ..ListQuery::default() };
    let oldest_first = ListQuery { oldest_first: true, ..newest_first.clone() };
    for query in [newest_first, oldest_first] {
        let all = store.list(&query).await.expect("the store answers");
        let tenth = Some((all[9].created_at, all[9].id.clone()));
        for (after, before) in [(None, 0), (tenth, 10)] {
            for (skip, limit) in [(0, 7), (1, 7), (50, 1), (KEYS - before - 1, 7), (KEYS, 7)] {
                let begin = KEYS.min(before + skip);
                let end = KEYS.min(begin + limit);
                let skip = skip as u64;
                let query = ListQuery { after: after.clone(), skip, limit, ..query.clone() };
                let page = store.list(&query).await.expect("the store answers");
                assert!(page == all[begin..end], "{query:?}");
            }
        }
        let query = ListQuery { skip: u64::MAX, limit: usize::MAX, ..query };
        assert_eq!(store.list(&query).await.expect("the store answers"), []);
    }
}

/// By workspace, by maker, by successor, by kind, by a text in the name, by what is revoked or has
/// expired at an instant, and by several of these, to the end; and as many are counted.
pub async fn lists_keep_to_their_filters<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let now = Timestamp::from_millis(1_800_000_000_000);
    let records = various(now);
    let writes = records.iter().enumerate().map(|(number, it)| insert_as(number, it.clone()));
    commit(&store, writes.collect()).await;

    for query in queries(now) {
        let workspace = query.workspace.as_ref();
        let mut expected: Vec<&KeyRecord> = records
            .iter()
            .filter(|it| workspace.is_none_or(|name| it.workspace == *name))
            .filter(|it| query.created_by.is_none() || it.created_by == query.created_by)
            .filter(|it| query.rotated_to.is_none() || it.rotated_to == query.rotated_to)
            .filter(|it| query.revoked.is_none_or(|(is, at)| it.is_revoked(at) == is))
            .filter(|it| query.expired.is_none_or(|(has, at)| it.is_expired(at) == has))
            .filter(|it| query.kind.as_ref().is_none_or(|kind| it.kind == *kind))
            .filter(|it| query.name.as_ref().is_none_or(|text| holds(&it.name, text)))
            .collect();
        expected.sort_by_key(|it| Reverse((it.created_at, it.id.clone())));
        let counted = store.count(&query).await.expect("the store answers");
        assert_eq!(counted, expected.len() as u64, "{query:?}");
        // Wherever a page begins and ends.
        let first = expected.first().map(|it| (it.created_at, it.id.clone()));
        let page = ListQuery { after: first, skip: 3, limit: 0, ..query.clone() };
        assert_eq!(store.count(&page).await.expect("the store answers"), counted, "{page:?}");
        let listed = list_all(&store, query.clone()).await;
        assert!(listed.iter().eq(expected), "{query:?}");
    }
}

fn creators() -> [Option<Creator>; 3] {
    [
        None,
        Some(Creator::Person("key_00001".to_owned())),
        Some(Creator::Key(KeyId::new("key_00001"))),
    ]
}

/// Whether the text stands there, the letters of ASCII in either case.
fn holds(name: &str, text: &str) -> bool {
    name.to_ascii_lowercase().contains(&text.to_ascii_lowercase())
}

fn various(now: Timestamp) -> Vec<KeyRecord> {
    const NAMES: [&str; 6] =
        ["100% of CI", "Übersicht CI_1", "übersicht ci-1", "it's \"\\\"", "", "CI"];
    let ends = [None, Some(now.as_millis() - 1), Some(now.as_millis()), Some(i64::MAX)];
    (0..250)
        .map(|number| KeyRecord {
            workspace: ["acme", "Acme", "other"][number % 3].to_owned(),
            created_by: creators()[number / 3 % 3].clone(),
            rotated_to: (number % 5 == 0).then(|| id(number % 2)),
            revoked_at: ends[number / 9 % 4].map(Timestamp::from_millis),
            expires_at: ends[number / 7 % 4].map(Timestamp::from_millis),
            kind: ["secret", "publishable"][number / 2 % 2].to_owned(),
            name: NAMES[number % NAMES.len()].to_owned(),
            ..record(number)
        })
        .collect()
}

fn queries(now: Timestamp) -> Vec<ListQuery> {
    let mut queries = Vec::new();
    for workspace in [None, Some("acme"), Some("nobody's")] {
        for created_by in creators() {
            for rotated_to in [None, Some(id(1))] {
                for revoked in [None, Some((true, now)), Some((false, now))] {
                    queries.push(ListQuery {
                        workspace: workspace.map(str::to_owned),
                        created_by: created_by.clone(),
                        rotated_to: rotated_to.clone(),
                        revoked,
                        limit: 10,
                        ..ListQuery::default()
                    });
                }
            }
        }
    }
    let any = ListQuery { limit: 10, ..ListQuery::default() };
    for expired in [true, false] {
        let expired = Some((expired, now));
        queries.push(ListQuery { expired, ..any.clone() });
        queries.push(ListQuery { expired, revoked: Some((false, now)), ..any.clone() });
    }
    for kind in ["publishable", "Secret"] {
        queries.push(ListQuery { kind: Some(kind.to_owned()), ..any.clone() });
    }
    // Nothing in a text stands for anything else.
    for text in ["", "cI", "Übersicht", "ÜBERSICHT", "%", "_", "\\", "'", "\"", "ci_1", "nobody's"]
    {
        let workspace = Some("acme".to_owned());
        queries.push(ListQuery { name: Some(text.to_owned()), workspace, ..any.clone() });
    }
    queries
}

async fn list_all(store: &impl KeyStore, mut query: ListQuery) -> Vec<KeyRecord> {
    let mut all = Vec::new();
    loop {
        let page = store.list(&query).await.expect("the store answers");
        assert!(page.len() <= query.limit, "{} keys in a page of {}", page.len(), query.limit);
        let Some(last) = page.last() else { return all };
        query.after = Some((last.created_at, last.id.clone()));
        all.extend(page);
    }
}
