//! Where a dialect says how long keys live.

use std::time::Duration;

use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyUpdate, NewKey, Rotate};

use crate::setting::{CONFLICT, Setting, error_of, invalid};

const DAY: Duration = Duration::from_hours(24);

async fn setting() -> Setting {
    let dialect = Dialect::builder("acme").max_lifetime_days(30).build().unwrap();
    Setting::of(dialect).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_an_end_gets_the_latest_and_one_with_a_later_end_is_refused() {
    let it = setting().await;
    let latest = it.now().plus(30 * DAY);
    let made = it.create().await.record;
    assert_eq!(made.expires_at, Some(latest));

    let new = |end| NewKey::new("acme", "a key").with_expires_at(end);
    let sooner = it.now().plus(DAY);
    assert_eq!(it.manager.create(new(sooner)).await.unwrap().record.expires_at, Some(sooner));
    assert_eq!(it.manager.create(new(latest)).await.unwrap().record.expires_at, Some(latest));
    let later = latest.plus(Duration::from_millis(1));
    assert_eq!(error_of(it.manager.create(new(later)).await), invalid("expires_at"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_does_not_lengthen_a_life() {
    let it = setting().await;
    let made = it.create().await.record;
    it.clock.advance(9 * DAY);
    let until = |end| KeyUpdate::new().with_expires_at(end);
    let sooner = it.now().plus(DAY);
    let updated = it.manager.update(&made.id, until(Some(sooner))).await.unwrap();
    assert_eq!(updated.expires_at, Some(sooner));
    // Its life began when it was made.
    let later = it.now().plus(22 * DAY);
    let refused = it.manager.update(&made.id, until(Some(later))).await;
    assert_eq!(error_of(refused), invalid("expires_at"));
    let cleared = it.manager.update(&made.id, until(None)).await.unwrap();
    assert_eq!(cleared.expires_at, made.expires_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_and_a_key_that_acts_give_no_longer_life() {
    let it = setting().await;
    let lasting = Setting::of(Dialect::builder("acme").build().unwrap()).await;
    let without_end = lasting.create().await.record;
    assert_eq!(without_end.expires_at, None);
    let manager = crate::setting::manager(
        it.manager.dialect().clone(),
        lasting.store.clone(),
        &lasting.clock,
    );
    let manager = manager.await;
    let latest = Some(lasting.now().plus(30 * DAY));
    let by_key = manager.acting_as(keyward_core::key::Creator::Key(without_end.id.clone()));
    let child = by_key.create(NewKey::new("acme", "a child")).await.unwrap().record;
    assert_eq!(child.expires_at, latest);
    let rotated = manager.rotate(&without_end.id, Rotate::now()).await.unwrap().new;
    assert_eq!(rotated.expires_at, latest);

    // What a key that acts has left is less.
    let parent = it.create().await.record;
    it.clock.advance(9 * DAY);
    let child = it.by(&parent).create(NewKey::new("acme", "a child")).await.unwrap().record;
    assert_eq!(child.expires_at, parent.expires_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_used_for_too_long_neither_acts_nor_is_rotated() {
    let dialect = Dialect::builder("acme").idle_days(90).build().unwrap();
    let it = Setting::of(dialect).await;
    let key = it.create().await.record;
    it.clock.advance(90 * DAY);
    let acted = it.by(&key).create(NewKey::new("acme", "a child")).await;
    assert_eq!(error_of(acted), crate::setting::POWERLESS);
    assert_eq!(error_of(it.manager.rotate(&key.id, Rotate::now()).await), CONFLICT);
}
