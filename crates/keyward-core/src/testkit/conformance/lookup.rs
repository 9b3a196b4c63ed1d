use std::num::NonZeroU32;

use super::{commit, digest, head, id, insert, insert_as, record, rename};
use crate::clock::Timestamp;
use crate::key::{Creator, Grant, KeyId, KeyRecord, Pepper, Peppers, PlainKey, Resources};
use crate::store::{KeyStore, Write};

/// A record with everything set, one with nothing set, and the extremes come back as they went in.
pub async fn every_field_of_a_record_comes_back<S: KeyStore>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let records = [full(), bare(), early()];
    for (number, record) in records.iter().enumerate() {
        commit(&store, vec![insert_as(number, record.clone())]).await;
    }
    // An update passes through another statement than an insert does.
    commit(&store, vec![insert_as(3, KeyRecord::new(id(3), "acme", "secret"))]).await;
    let replaced = KeyRecord { id: id(3), ..full() };
    commit(&store, vec![Write::Replace { record: Box::new(replaced.clone()), expected: 1 }]).await;
    let peppers = Peppers::new([Pepper::new(u32::MAX, "sixteen bytes or more")])
        .expect("one pepper of 16 bytes or more");
    let peppered = peppers.digest(&PlainKey::new("peppered".to_owned()));
    let last = KeyRecord { id: id(4), ..bare() };
    let write = Write::Insert { digest: peppered, record: Box::new(last.clone()) };
    commit(&store, vec![write]).await;

    let other = open().await;
    for handle in [&store, &other] {
        for (number, expected) in records.iter().chain([&replaced]).enumerate() {
            let by_digest = handle.lookup(&digest(number)).await.expect("the store answers");
            assert_eq!(by_digest.as_ref(), Some(expected), "by digest");
            let by_id = handle.get(&expected.id).await.expect("the store answers");
            assert_eq!(by_id.as_ref(), Some(expected), "by id");
        }
        let by_digest = handle.lookup(&peppered.digest).await.expect("the store answers");
        assert_eq!(by_digest, Some(last.clone()), "by a peppered digest");
    }
}

fn full() -> KeyRecord {
    let text = "naïve \"quoted\" 'single' \\ % _ \n\t \u{1f511} ключ 鍵";
    let metadata = serde_json::json!({
        "text": text, "largest": u64::MAX, "smallest": i64::MIN, "half": 0.5, "none": null,
        "nested": { "list": [1, "two", [false]] }, "": "a key without a name",
    });
    KeyRecord {
        id: KeyId::new(format!("{text}/full")),
        workspace: text.to_owned(),
        name: text.to_owned(),
        description: Some(text.to_owned()),
        kind: text.to_owned(),
        mask: text.to_owned(),
        grant: Grant::Only("a:read b-write !#$%&'()*+,-./".parse().expect("scopes")),
        resources: Resources::Only(vec![text.to_owned(), String::new(), "all".to_owned()]),
        rate_limit_per_min: Some(NonZeroU32::MAX),
        networks: Some("203.0.113.0/24 ::/0 2001:db8::7".parse().expect("networks")),
        created_by: Some(Creator::Person(text.to_owned())),
        created_at: Timestamp::from_millis(1_700_000_000_123),
        updated_at: Timestamp::from_millis(1_700_000_000_456),
        expires_at: Some(Timestamp::from_millis(i64::MAX)),
        revoked_at: Some(Timestamp::from_millis(i64::MIN)),
        last_used_at: Some(Timestamp::from_millis(0)),
        rotated_to: Some(KeyId::new(text)),
        rotation_token: Some(text.to_owned()),
        version: u64::MAX,
        metadata: metadata.as_object().cloned(),
    }
}

fn bare() -> KeyRecord {
    KeyRecord::new(KeyId::new("bare"), "", "").with_resources(Resources::Only(Vec::new()))
}

fn early() -> KeyRecord {
    KeyRecord {
        grant: Grant::All,
        resources: Resources::All,
        description: Some(String::new()),
        created_by: Some(Creator::Key(KeyId::new("parent"))),
        created_at: Timestamp::from_millis(i64::MIN),
        updated_at: Timestamp::from_millis(i64::MAX),
        rate_limit_per_min: Some(NonZeroU32::MIN),
        version: 1 << 63,
        metadata: Some(serde_json::Map::new()),
        ..KeyRecord::new(KeyId::new("early"), "acme", "secret")
    }
}

/// A thousand digests at once: one answer each, in their order, with the number they are as of.
pub async fn lookup_many_answers_in_order_and_from_one_snapshot<S: KeyStore>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    commit(&store, (0..500).map(insert).collect()).await;
    let committed = head(&store).await;

    let asked: Vec<usize> = (0..1_023).rev().chain([7]).collect();
    let digests: Vec<_> = asked.iter().map(|number| digest(*number)).collect();
    let answers = store.lookup_many(&digests).await.expect("the store answers");
    assert_eq!(answers.as_of, Some(committed));
    assert_eq!(answers.records.len(), asked.len());
    for (number, answer) in asked.iter().zip(&answers.records) {
        assert_eq!(*answer, (*number < 500).then(|| record(*number)), "digest {number}");
    }

    let none = store.lookup_many(&[]).await.expect("the store answers");
    assert_eq!((none.records.len(), none.as_of), (0, Some(committed)));
    let absent = store.lookup_many(&[digest(9_999)]).await.expect("the store answers");
    assert_eq!((absent.records, absent.as_of), (vec![None], Some(committed)));
}

/// An answer never shows less than its number promises, while keys change all the time.
pub async fn a_snapshot_never_lags_behind_its_number<S: KeyStore>(open: impl AsyncFn() -> S) {
    const VERSIONS: u64 = 100;
    let (writer, reader) = (open().await, open().await);
    commit(&writer, vec![insert(1), insert(2)]).await;
    let start = head(&writer).await.seq;
    let changing = tokio::spawn(async move {
        let mut records = [record(1), record(2)];
        for _ in 0..VERSIONS {
            commit(&writer, records.iter().map(|record| rename(record, "again")).collect()).await;
            for record in &mut records {
                record.version += 1;
            }
        }
    });
    loop {
        let finished = changing.is_finished();
        let answers = reader.lookup_many(&[digest(1), digest(2)]).await.expect("answers");
        let as_of = answers.as_of.expect("a key store keeps a sequence").seq;
        let versions: Vec<u64> = answers.records.iter().flatten().map(|it| it.version).collect();
        let expected = 1 + (as_of - start) / 2;
        assert_eq!(versions, [expected, expected], "as of {as_of}, {start} at the start");
        if finished {
            break;
        }
    }
    changing.await.expect("every change is committed");
}
