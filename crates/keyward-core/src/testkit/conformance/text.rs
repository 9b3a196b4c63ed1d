use crate::audit::Origin;
use crate::dialect::Dialect;
use crate::key::{Creator, Resources};
use crate::manage::{KeyManager, KeyUpdate, ListKeys, ManageErrorKind, NewKey, Reach, Rotate};
use crate::store::KeyStore;

/// What PostgreSQL cannot keep, and the other control characters, are refused before the store sees
/// them, and the error names the field; a list that asks for them finds nothing.
pub async fn text_that_not_every_store_can_keep_is_refused_by_name<S: KeyStore>(
    open: impl AsyncFn() -> S,
) {
    let manager = KeyManager::builder(Dialect::bigspin(), open().await);
    let manager = manager.open().await.expect("the store answers");
    let new = || NewKey::new("acme", "a name");
    let kept = new().with_description("two\r\nlines\tand a tab \u{7f} \u{1f511}");
    let kept = manager.create(kept).await.expect("text is kept").record;

    for control in ('\0'..' ').filter(|it| !matches!(it, '\t' | '\n' | '\r')) {
        let text = format!("a text{control}");
        let person = manager.acting_as(Creator::Person(text.clone()));
        let resources = Resources::Only(vec!["one".to_owned(), text.clone()]);
        for (field, refused) in [
            ("workspace", manager.create(NewKey::new(&*text, "a name")).await.map(drop)),
            ("name", manager.create(NewKey::new("acme", &*text)).await.map(drop)),
            ("description", manager.create(new().with_description(&*text)).await.map(drop)),
            ("resources", manager.create(new().with_resources(resources)).await.map(drop)),
            ("created_by", person.create(new()).await.map(drop)),
            ("name", manager.update(&kept.id, KeyUpdate::new().with_name(&*text)).await.map(drop)),
            (
                "retry_token",
                manager.rotate(&kept.id, Rotate::now().with_retry_token(&*text)).await.map(drop),
            ),
        ] {
            let error = refused.expect_err("control characters are no text");
            assert_eq!(error.kind(), ManageErrorKind::Invalid, "{control:?} in {field}: {error}");
            assert_eq!(error.field(), Some(field), "{control:?}: {error}");
        }
        let origin = Origin { request_id: Some(text.clone()), address: None };
        for whoever in [&person, &manager.with_origin(origin)] {
            for refused in [
                whoever.update(&kept.id, KeyUpdate::new().with_name("a new name")).await.map(drop),
                whoever.rotate(&kept.id, Rotate::now()).await.map(drop),
                whoever.revoke(&kept.id, Reach::Key).await.map(drop),
                whoever.delete(&kept.id).await,
            ] {
                let error = refused.expect_err("the trail keeps whoever acts");
                assert_eq!(error.kind(), ManageErrorKind::Invalid, "{control:?}: {error}");
            }
        }
        for query in [
            ListKeys::new().with_workspace(&*text),
            ListKeys::new().with_created_by(Creator::Person(text.clone())),
            ListKeys::new().with_kind(&*text),
            ListKeys::new().with_name(&*text),
        ] {
            let found = manager.list(&query).await.expect("the store answers");
            assert_eq!(found.keys, [], "{query:?}");
        }
    }
    let all = manager.list(&ListKeys::new()).await.expect("the store answers");
    assert_eq!(all.keys, [kept], "nothing was done");
}
