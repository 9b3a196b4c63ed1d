//! What is worth a look, page by page.

use std::time::Duration;

use keyward_core::clock::Timestamp;
use keyward_core::dialect::Dialect;
use keyward_core::key::{Grant, KeyId, KeyRecord};
use keyward_core::manage::{Finding, Hygiene, ListKeys, NewKey, Reach, Rotate, Status};

use crate::setting::{START, Setting, only, resources};

const DAY: Duration = Duration::from_hours(24);

fn record() -> KeyRecord {
    let mut record = KeyRecord::new(KeyId::new("key_1"), "acme", "secret");
    record.created_at = START;
    record.grant = only("projects-read");
    record.expires_at = Some(START.plus(1_000 * DAY));
    record.last_used_at = Some(START);
    record
}

fn last_used(at: Option<Timestamp>) -> KeyRecord {
    let mut record = record();
    record.last_used_at = at;
    record
}

fn findings(record: &KeyRecord, after: Duration) -> Vec<Finding> {
    Hygiene::default().findings(record, &Dialect::bigspin(), START.plus(after))
}

#[test]
fn each_finding_begins_with_its_threshold() {
    let unused = last_used(None);
    for (record, days, finding) in [
        (&unused, 30, Finding::NeverUsed),
        (&record(), 90, Finding::Idle),
        (&record(), 180, Finding::DueForRotation),
    ] {
        assert!(!findings(record, (days - 1) * DAY).contains(&finding));
        assert!(findings(record, days * DAY).contains(&finding));
    }
    let used = last_used(Some(START.plus(DAY)));
    assert!(!findings(&used, 90 * DAY).contains(&Finding::Idle));
    assert!(!findings(&unused, 200 * DAY).contains(&Finding::Idle), "it is told once");
    assert_eq!(findings(&record(), DAY), []);
}

#[test]
fn thresholds_are_the_operators() {
    let hygiene =
        Hygiene::default().with_unused_for(DAY).with_idle_for(2 * DAY).with_rotate_after(3 * DAY);
    let at = |record: &KeyRecord, days| {
        hygiene.findings(record, &Dialect::bigspin(), START.plus(days * DAY))
    };
    assert_eq!(at(&last_used(None), 1), [Finding::NeverUsed]);
    assert_eq!(at(&record(), 2), [Finding::Idle]);
    assert_eq!(at(&record(), 3), [Finding::Idle, Finding::DueForRotation]);
}

#[test]
fn full_access_is_everything_to_everything_for_a_kind_that_may() {
    let full = record().with_grant(Grant::All);
    assert_eq!(findings(&full, DAY), [Finding::FullAccess]);
    assert_eq!(findings(&full.clone().with_resources(resources(&["p1"])), DAY), []);
    let dialect = Dialect::scribe_sight();
    let kind = dialect.kinds().iter().find(|kind| kind.cap().is_some()).unwrap();
    let mut capped = full;
    kind.name().clone_into(&mut capped.kind);
    assert_eq!(Hygiene::default().findings(&capped, &dialect, START.plus(DAY)), []);
}

#[test]
fn an_end_is_an_end_and_of_a_key_that_is_refused_nothing_is_said() {
    let endless = record().with_expires_at(None);
    assert_eq!(findings(&endless, DAY), [Finding::WithoutExpiry]);
    let in_its_grace = endless.clone().with_revoked_at(Some(START.plus(300 * DAY)));
    assert_eq!(findings(&in_its_grace, 200 * DAY), [Finding::Idle]);
    assert_eq!(findings(&in_its_grace, 300 * DAY), []);
    assert_eq!(findings(&record().with_grant(Grant::All), 1_000 * DAY), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_all_keys_goes_page_by_page() {
    let it = Setting::new().await;
    for number in 0..25 {
        let mut new =
            NewKey::new("acme", format!("key {number}")).with_grant(only("projects-read"));
        if number % 5 != 0 {
            new = new.with_expires_at(it.now().plus(9 * DAY));
        }
        it.manager.create(new).await.unwrap();
    }
    let other = it.manager.create(NewKey::new("globex", "other")).await.unwrap().record;
    let revoked = it.create().await.record;
    it.manager.revoke(&revoked.id, Reach::Key).await.unwrap();
    it.manager.rotate(&other.id, Rotate::now().with_grace(DAY)).await.unwrap();

    let mut keys = ListKeys::new().with_status(Status::Active).with_limit(4);
    let (mut found, mut pages) = (0, 0);
    loop {
        let manager = it.manager.within("acme");
        let page = manager.hygiene(&Hygiene::default(), &keys).await.unwrap();
        pages += 1;
        for it in &page.found {
            assert_eq!(
                (&*it.record.workspace, &it.findings[..]),
                ("acme", &[Finding::WithoutExpiry][..])
            );
        }
        found += page.found.len();
        let Some(cursor) = page.next else { break };
        keys = keys.with_after(cursor);
    }
    assert_eq!((found, pages), (5, 7));
}
