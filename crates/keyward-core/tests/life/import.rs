//! Keys of another system, by their digests.

use std::slice::from_ref;
use std::time::Duration;

use keyward_core::audit::{Act, AuditQuery};
use keyward_core::dialect::Dialect;
use keyward_core::key::{Creator, KeyDigest, KeyId, StoredDigest};
use keyward_core::manage::{ImportKey, ListKeys, ManageErrorKind, NewKey, Standing};
use keyward_core::verify::RejectionKind;

use crate::setting::{CONFLICT, START, Setting, denied, error_of, invalid, only, refusal};

/// The text of a key of Bigspin's.
fn text(number: u32) -> String {
    format!("sk-bigspin-api03-{number:043}")
}

fn import(number: u32) -> ImportKey {
    let digest = KeyDigest::sha256(text(number).as_bytes());
    let new = NewKey::new("acme", "imported").with_grant(only("projects-read"));
    ImportKey::new(StoredDigest::new(digest, None), new)
}

fn with(mut key: ImportKey, edit: impl Fn(&mut ImportKey)) -> ImportKey {
    edit(&mut key);
    key
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_key_is_let_in_and_its_trail_says_where_it_came_from() {
    let it = Setting::new().await;
    let by_ada = it.manager.acting_as(Creator::Person("ada".to_owned()));
    assert_eq!(by_ada.import(&[import(1), import(2)]).await.unwrap(), [Standing::New; 2]);
    assert_eq!(refusal(&it.verifier, &text(1)).await, None);
    let page = it.manager.list(&ListKeys::new()).await.unwrap();
    assert_eq!(page.keys.len(), 2);
    for record in &page.keys {
        assert_eq!((&*record.mask, record.shown()), ("", record.id.as_str()));
        assert_eq!(record.created_at, it.now());
    }
    let trail = it.manager.audit(&AuditQuery::new()).await.unwrap().entries;
    assert!(trail.iter().all(|entry| entry.act == Act::Imported), "{trail:?}");
    assert_eq!(trail[0].by, Some(Creator::Person("ada".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_done_whole_or_not_at_all() {
    let it = Setting::new().await;
    let bad = with(import(2), |key| key.new = NewKey::new("acme", "x"));
    let error = it.manager.import(&[import(1), bad.clone()]).await.unwrap_err();
    assert_eq!(error.field(), Some("name"));
    let twice = it.manager.import(&[import(1), import(1)]).await.unwrap_err();
    assert_eq!(twice.kind(), ManageErrorKind::Conflict);
    assert!(it.manager.list(&ListKeys::new()).await.unwrap().keys.is_empty());
    let checked = it.manager.check_import(&[import(1), bad]).await.unwrap();
    assert_eq!(*checked[0].as_ref().unwrap(), Standing::New);
    assert_eq!(checked[1].as_ref().unwrap_err().kind(), ManageErrorKind::Invalid);
    assert!(it.manager.list(&ListKeys::new()).await.unwrap().keys.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_people_import_and_only_into_their_workspace() {
    let it = Setting::new().await;
    let key = it.create().await.record;
    let by_key = it.by(&key).import(&[import(1)]).await;
    assert_eq!(error_of(by_key), denied("digest"));
    let elsewhere = it.manager.within("globex");
    assert_eq!(error_of(elsewhere.import(&[import(1)]).await), denied("workspace"));
    assert!(it.manager.within("acme").import(&[import(1)]).await.is_ok());
    let there = with(import(1), |key| key.new = NewKey::new("globex", "imported"));
    assert_eq!(error_of(elsewhere.import(&[there]).await), CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_import_leaves_out_is_no_difference_later() {
    let it = Setting::of(Dialect::builder("acme").max_lifetime_days(30).build().unwrap()).await;
    let digest = StoredDigest::new(KeyDigest::sha256(b"kw_live_x"), None);
    let key = ImportKey::new(digest, NewKey::new("acme", "imported"));
    assert_eq!(it.manager.import(from_ref(&key)).await.unwrap(), [Standing::New]);
    let kept = it.manager.list(&ListKeys::new()).await.unwrap().keys;
    it.clock.advance(Duration::from_hours(24));
    assert_eq!(it.manager.import(from_ref(&key)).await.unwrap(), [Standing::Kept]);
    assert_eq!(it.manager.list(&ListKeys::new()).await.unwrap().keys, kept);

    let end = START.plus(Duration::from_hours(24 * 99));
    let new = NewKey::new("acme", "imported").with_expires_at(end);
    let too_long = it.manager.import(&[with(key.clone(), |key| key.new = new.clone())]).await;
    assert_eq!(error_of(too_long), invalid("expires_at"));
    let edits: [fn(&mut ImportKey); 4] = [
        |key| key.id = Some(KeyId::new("one")),
        |key| key.mask = Some("kw_live_...".to_owned()),
        |key| key.revoked_at = Some(START),
        |key| key.created_by = Some(Creator::Person("eve".to_owned())),
    ];
    for edit in edits {
        assert_eq!(error_of(it.manager.import(&[with(key.clone(), edit)]).await), CONFLICT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_had_ended_elsewhere_has_ended_here() {
    let it = Setting::new().await;
    let past = START.minus(Duration::from_hours(1));
    let revoked = with(import(1), |key| key.revoked_at = Some(past));
    let new = NewKey::new("acme", "imported").with_expires_at(past);
    let expired = with(import(2), |key| key.new = new.clone());
    it.manager.import(&[revoked, expired]).await.unwrap();
    assert_eq!(refusal(&it.verifier, &text(1)).await, Some(RejectionKind::Revoked));
    assert_eq!(refusal(&it.verifier, &text(2)).await, Some(RejectionKind::Expired));
}
