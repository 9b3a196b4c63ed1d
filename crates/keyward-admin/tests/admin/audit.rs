//! What is done over HTTP is in the audit trail.

use std::net::SocketAddr;

use axum::Extension;
use axum::extract::ConnectInfo;
use keyward::audit::{Act, AuditQuery};
use keyward::dialect::Dialect;
use keyward::key::{Creator, Grant, KeyId};
use keyward::manage::NewKey;
use keyward::peer::TrustedProxies;
use keyward_admin::{KeyAdmin, KeyGuard};
use keyward_tests::{Answer, Keys, Server};

use crate::stage::{Sender, Stage};

#[tokio::test]
async fn an_act_over_http_says_whose_request_it_was() {
    let stage = Stage::of_keys(Dialect::standard(), "/api-keys").await;
    let admin = stage.issue("admin", "keys:read keys:write projects-read").await;
    let sender = Sender::of(&admin);
    let created = stage.send("POST", "", &sender, Some(r#"{"name":"ci"}"#)).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/{id}");
    let updated = stage.send("PATCH", &path, &sender, Some(r#"{"name":"ci 2"}"#)).await;
    let refused = stage.send("PATCH", &path, &sender, Some(r#"{"name":""}"#)).await;
    let revoked = stage.send("POST", &format!("{path}/revoke"), &sender, None).await;
    assert_eq!(
        [created.status, updated.status, refused.status, revoked.status],
        [201, 200, 422, 200]
    );

    let query = AuditQuery::new().with_key(KeyId::new(id));
    let trail = stage.keys.manager.audit(&query).await.unwrap().entries;
    let told: Vec<_> = trail.iter().map(|it| (it.act, it.origin.request_id.as_deref())).collect();
    let id = |answer: &'_ Answer| answer.header("x-request-id").map(str::to_owned);
    let acts =
        [(Act::Revoked, id(&revoked)), (Act::Updated, id(&updated)), (Act::Created, id(&created))];
    let expected: Vec<_> = acts.iter().map(|(act, id)| (*act, id.as_deref())).collect();
    assert_eq!(told, expected);
    assert!(trail.iter().all(|it| it.by == Some(Creator::Key(admin.record.id.clone()))));
}

#[tokio::test]
async fn an_act_over_http_says_from_where_it_came() {
    let keys = Keys::of(Dialect::standard()).await;
    let admin =
        keys.manager.create(NewKey::new("acme", "admin").with_grant(Grant::All)).await.unwrap();
    // What axum puts there for each connection, when it is asked to.
    let connection = ConnectInfo::<SocketAddr>("203.0.113.9:4711".parse().unwrap());
    let path = format!("/api-keys/{}", admin.record.id);
    let cases = [
        (TrustedProxies::NONE, "203.0.113.9"),
        (TrustedProxies::count(1), "198.51.100.7"),
        (TrustedProxies::networks(["203.0.113.0/24"]).unwrap(), "198.51.100.7"),
        (TrustedProxies::networks(["10.0.0.0/8"]).unwrap(), "203.0.113.9"),
    ];
    for (number, (proxies, address)) in cases.into_iter().enumerate() {
        let service = KeyAdmin::new(keys.manager.clone(), KeyGuard).unwrap();
        let routes = service.trusted_proxies(proxies.clone()).routes();
        let server = Server::start(routes.layer(keys.auth()).layer(Extension(connection))).await;
        let client = server.client();
        let request = client
            .request(http::Method::PATCH, &path)
            .header("authorization", format!("Bearer {}", admin.key.expose()))
            .header("content-type", "application/json")
            .header("x-forwarded-for", "192.0.2.1, 198.51.100.7")
            .body(format!(r#"{{"name":"ci {number}"}}"#));
        assert_eq!(client.send(request).await.status, 200);
        let trail = keys.manager.audit(&AuditQuery::new()).await.unwrap().entries;
        assert_eq!(trail[0].origin.address, Some(address.parse().unwrap()), "{proxies:?}");
    }
    let trail = keys.manager.audit(&AuditQuery::new()).await.unwrap().entries;
    let first = trail.last().unwrap();
    assert_eq!(first.origin.address, None, "it was made in the program");
}
