//! A manager within one workspace: keys of others do not exist for it.

use keyward_core::key::{Creator, PlainKey};
use keyward_core::manage::{KeyUpdate, ListKeys, NewKey, Reach, Rotate};

use crate::setting::{NOT_FOUND, POWERLESS, Setting, denied, error_of};

#[tokio::test(flavor = "multi_thread")]
async fn other_workspaces_are_hidden_in_every_operation() {
    let it = Setting::new().await;
    let theirs = it.create().await;
    let id = &theirs.record.id;
    let globex = it.manager.within("globex");

    assert_eq!(error_of(globex.get(id).await), NOT_FOUND);
    assert_eq!(error_of(globex.update(id, KeyUpdate::new().with_name("taken")).await), NOT_FOUND);
    assert_eq!(error_of(globex.rotate(id, Rotate::now()).await), NOT_FOUND);
    assert_eq!(error_of(globex.revoke(id, Reach::Key).await), NOT_FOUND);
    assert_eq!(error_of(globex.revoke(id, Reach::Descendants).await), NOT_FOUND);
    assert_eq!(error_of(globex.reactivate(id).await), NOT_FOUND);
    assert_eq!(error_of(globex.delete(id).await), NOT_FOUND);
    let theirs_too = NewKey::new("acme", "a key");
    assert_eq!(error_of(globex.create(theirs_too.clone()).await), denied("workspace"));
    let legacy = PlainKey::new("sk-prism-api03-0123456789abcdef".to_owned());
    assert_eq!(error_of(globex.adopt(&legacy, theirs_too).await), denied("workspace"));
    let by_theirs = globex.acting_as(Creator::Key(id.clone()));
    let child = || NewKey::new("globex", "child");
    assert_eq!(error_of(by_theirs.create(child()).await), POWERLESS);
    assert_eq!(error_of(by_theirs.adopt(&legacy, child()).await), POWERLESS);
    assert_eq!(error_of(by_theirs.list(&ListKeys::new()).await), POWERLESS);
    assert_eq!(globex.list(&ListKeys::new()).await.unwrap().keys, []);
    let asked = ListKeys::new().with_workspace("acme");
    assert_eq!(globex.list(&asked).await.unwrap().keys, []);

    assert_eq!(it.manager.get(id).await.unwrap(), theirs.record, "nothing happened to it");
    assert_eq!(it.refusal(&theirs).await, None);

    let own = globex.create(NewKey::new("globex", "own")).await.unwrap().record;
    assert_eq!(globex.get(&own.id).await.unwrap(), own);
    assert_eq!(globex.list(&ListKeys::new()).await.unwrap().keys, [own]);
    assert_eq!(it.manager.list(&ListKeys::new()).await.unwrap().keys.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_manager_does_not_widen_again() {
    let it = Setting::new().await;
    let theirs = it.create().await;
    let nowhere = it.manager.within("globex").within("initech");
    assert_eq!(error_of(nowhere.get(&theirs.record.id).await), NOT_FOUND);
}
