//! The service without the layer, and with mistakes of the application.

use async_trait::async_trait;
use http::request::Parts;
use keyward::dialect::Dialect;
use keyward::dialect::management::Operation;
use keyward::key::Creator;
use keyward::verify::RejectionKind;
use keyward_admin::{Admin, AdminGuard, Denied, KeyAdmin, KeyGuard};
use keyward_tests::{Keys, Server};

/// Whoever says so is the operator of every workspace.
struct Operator;

#[async_trait]
impl AdminGuard for Operator {
    async fn admit(&self, head: &Parts, _: &Operation<'_>) -> Result<Admin, Denied> {
        if head.headers.contains_key("x-operator") {
            Ok(Admin::new(Creator::Person("operator".to_owned())))
        } else {
            Err(RejectionKind::Missing.into())
        }
    }
}

async fn serve(dialect: Dialect, guard: impl AdminGuard) -> Server {
    let keys = Keys::of(dialect).await;
    Server::start(KeyAdmin::new(keys.manager, guard).unwrap().routes()).await
}

async fn post(server: &Server, path: &str, body: &'static str) -> keyward_tests::Answer {
    let client = server.client();
    let request = client.request(http::Method::POST, path).header("x-operator", "1");
    client.send(request.header("content-type", "application/json").body(body)).await
}

#[tokio::test]
async fn a_guard_of_ones_own_is_enough() {
    let server = serve(Dialect::standard(), Operator).await;
    let refused = server.client().get_without_key("/api-keys").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["request_id"], refused.header("x-request-id").unwrap());

    let missing = post(&server, "/api-keys", r#"{"name":"a"}"#).await;
    assert_eq!(missing.json()["errors"][0]["field"], "workspace");
    let created = post(&server, "/api-keys", r#"{"name":"a","workspace":"acme"}"#).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json()["created_by"], "operator");
    assert_eq!(created.json()["workspace"], "acme");
}

#[tokio::test]
async fn a_missing_layer_is_a_mistake_of_the_application() {
    let server = serve(Dialect::scribe_sight(), KeyGuard).await;
    let answer = server.client().get("/api/v1/api-keys", "x").await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.json()["error"]["code"], "internal_error");
}

#[tokio::test]
async fn a_workspace_that_nobody_can_name_is_a_mistake_of_the_application() {
    let server = serve(Dialect::onepin(), Operator).await;
    let answer = post(&server, "/api/v1/api-keys", r#"{"name":"a"}"#).await;
    assert_eq!(answer.status, 500);
}

#[tokio::test]
async fn a_dialect_without_management_is_told_at_the_start() {
    let standard = include_str!("../../../keyward-core/dialects/standard.toml");
    let standard = &standard[..standard.find("[management]").unwrap()];
    let keys = Keys::of(Dialect::from_toml(standard).unwrap()).await;
    let error = KeyAdmin::new(keys.manager, KeyGuard).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the dialect `standard` does not say how keys are managed: write its `[management]`"
    );
}

#[tokio::test]
async fn every_dialect_has_a_management_api() {
    for name in Dialect::BUILT_IN {
        let dialect = Dialect::named(name).unwrap();
        let path = dialect.management().unwrap().path().to_owned();
        let server = serve(dialect, Operator).await;
        let client = server.client();
        let request = client.request(http::Method::GET, &path).header("x-operator", "1");
        assert_eq!(client.send(request).await.status, 200, "{name}");
        let unknown = format!("{path}/x");
        let request = client.request(http::Method::DELETE, &unknown).header("x-operator", "1");
        assert_eq!(client.send(request).await.status, 404, "{name}");
    }
}
