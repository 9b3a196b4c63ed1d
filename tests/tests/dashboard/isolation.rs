//! Workspaces are not known to one another.

use keyward::dialect::Dialect;
use keyward::manage::ListKeys;
use keyward_admin::{Admin, Dashboard};

use crate::stage::Stage;

#[tokio::test]
async fn keys_of_another_workspace_do_not_exist() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    let own = stage.key("acme", "of acme").await.record;
    let other = stage.key("globex", "of globex").await.record;
    for query in ["", "?workspace=globex", "?name=globex", "?workspace="] {
        let list = ada.page(&format!("/dashboard{query}")).await;
        assert!(!list.contains("of globex") && !list.contains(other.id.as_str()), "{query}");
    }
    for act in ["", "/edit", "/rotate", "/revoke", "/reactivate", "/delete", "/secret"] {
        let path = |id: &keyward::key::KeyId| format!("/dashboard/keys/{id}{act}");
        assert_eq!(ada.get(&path(&own.id)).await.status, 200, "{act}");
        let hidden = ada.get(&path(&other.id)).await;
        assert_eq!(hidden.status, 404, "{act}");
        assert!(!hidden.body.contains("globex"), "{act}");
    }
    // Whatever the form says, the key is made where its maker is.
    ada.create(&[("name", "intruder"), ("workspace", "globex")]).await;
    let globex = stage.manager.within("globex");
    assert_eq!(globex.count(&ListKeys::new()).await.unwrap(), 1);
    let page = ada.page("/dashboard/new").await;
    for act in ["rotate", "revoke", "reactivate", "delete"] {
        let path = format!("/dashboard/keys/{}/{act}", other.id);
        let fields =
            [("seal", crate::stage::seal(&page)), ("name", "of globex"), ("grace", "none")];
        assert_eq!(ada.post(&path, &fields).await.status, 404, "{act}");
    }
    assert_eq!(stage.manager.get(&other.id).await.unwrap(), other);
}

#[tokio::test]
async fn a_dashboard_of_one_workspace_lets_nobody_of_another_in() {
    let stage = Stage::with(Dialect::bigspin(), |manager, _| {
        Dashboard::behind(manager.within("acme"), |head| {
            let workspace = head.headers.get("x-workspace")?.to_str().ok()?;
            Some(Admin::new(keyward::key::Creator::Person("ada".to_owned())).within(workspace))
        })
    })
    .await;
    stage.key("globex", "of globex").await;
    assert_eq!(stage.person("ada", Some("acme")).get("/dashboard").await.status, 200);
    let other = stage.person("ada", Some("globex")).get("/dashboard").await;
    assert_eq!(other.status, 403);
    assert!(!other.body.contains("of globex"));
    assert_eq!(stage.stranger().get("/dashboard").await.status, 403);
}
