//! The management of keys inside actix-web.

use actix_web::{App, web};
use async_trait::async_trait;
use keyward::actix::{ApiKeyAuth, Caller, TowerGuard, mount};
use keyward::dialect::Dialect;
use keyward::dialect::management::Operation;
use keyward::key::Creator;
use keyward::manage::ListKeys;
use keyward::store::StoreError;
use keyward::verify::{self, RejectionKind};
use keyward_admin::jwt::{Claims, DevelopmentKeys, Jwks, JwtGuard};
use keyward_admin::{Admin, AdminGuard, Denied, KeyAdmin, KeyGuard, Membership, PersonGuard};
use keyward_tests::scribe_sight::{NO_KEY, NO_METHOD, OWN_KEY, assert_refused, id_in, request_id};
use keyward_tests::{Client, Keys, Raw};
use reqwest::Method;
use serde_json::{Value, json};

use crate::auth;
use crate::server::Server;

const PATH: &str = "/api/v1/api-keys";

/// Keys that manage keys, in the words of Scribe Sight.
async fn stage() -> (Keys, Server) {
    let keys = Keys::of(Dialect::scribe_sight()).await;
    let admin = KeyAdmin::new(keys.manager.clone(), KeyGuard).unwrap();
    let server = serve(&admin, auth(&keys));
    (keys, server)
}

fn serve(admin: &KeyAdmin, auth: ApiKeyAuth) -> Server {
    let admin = admin.clone();
    Server::start(move || App::new().service(mount(admin.path(), admin.clone()).wrap(auth.clone())))
}

async fn create(client: &Client, key: &str, body: &Value) -> Value {
    let answer = client.post(PATH, key, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    request_id(&answer);
    answer.json()["data"].clone()
}

#[tokio::test]
async fn keys_are_made_listed_and_revoked() {
    let (keys, server) = stage().await;
    let client = server.client();
    let key = keys.key("write").await;
    let made = create(&client, key.expose(), &json!({"name": "CI", "scopes": ["read"]})).await;
    let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());

    let list = client.get(PATH, secret).await;
    assert_eq!(list.json()["meta"]["request_id"], request_id(&list));
    assert_eq!(id_in(&list.json(), secret), id);
    let head = client.request(Method::HEAD, PATH).bearer_auth(secret);
    let head = client.send(head).await;
    assert_eq!((head.status, &*head.body), (200, ""));
    assert_eq!(head.header("content-length"), Some(&*list.body.len().to_string()));

    let revoke = async |key: &str, id: &str| {
        let request = client.request(Method::DELETE, &format!("{PATH}/{id}")).bearer_auth(key);
        client.send(request).await
    };
    assert_eq!(revoke(secret, id).await.status, 403, "it reads alone");
    let own = id_in(&list.json(), key.expose());
    assert_refused(&revoke(key.expose(), &own).await, 409, OWN_KEY);
    let revoked = revoke(key.expose(), id).await;
    assert_eq!((revoked.status, &*revoked.body), (204, ""));
    let limit = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let names = [&["cache-control"], &limit[..], &["x-request-id"]].concat();
    assert_eq!(revoked.header_names(), names);
    assert_eq!(client.get(PATH, secret).await.status, 401, "on its next request");
}

#[tokio::test]
async fn every_path_below_is_answered_in_the_words_of_the_dialect() {
    let (keys, server) = stage().await;
    let client = server.client();
    let key = keys.key("write").await;
    for (method, below, status, body) in [
        (Method::PUT, "", 405, NO_METHOD),
        (Method::OPTIONS, "", 405, NO_METHOD),
        (Method::GET, "/", 405, NO_METHOD),
        (Method::DELETE, "/key_nobody", 404, NO_KEY),
        (Method::DELETE, "/%FF", 404, NO_KEY),
        (Method::GET, "/a/b/c", 404, NO_KEY),
    ] {
        let request = client.request(method, &format!("{PATH}{below}")).bearer_auth(key.expose());
        assert_refused(&client.send(request).await, status, body);
    }
    assert_eq!(client.get("/api/v1/api-keysmith", key.expose()).await.status, 404);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_announced_or_not() {
    let (keys, server) = stage().await;
    let client = server.client();
    let key = keys.key("write").await;
    let too_large = json!({"name": "a".repeat(10_000_000)});
    let answer = client.post(PATH, key.expose(), &too_large).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (413, &json!("payload_too_large"))
    );
    request_id(&answer);

    let mut chunked = Raw::connect(server.address).await;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        key.expose()
    );
    chunked.send(head.as_bytes()).await;
    let chunk = format!("{:x}\r\n{}\r\n", 70_000, "x".repeat(70_000));
    chunked.send(chunk.as_bytes()).await;
    assert_eq!(chunked.answer().await.status, 413, "before its end");
    assert_eq!(client.get(PATH, key.expose()).await.status, 200, "it goes on");
}

#[tokio::test]
async fn the_id_that_the_application_gave_a_request_is_kept() {
    use actix_web::HttpMessage;
    use actix_web::dev::Service;

    /// Lets everybody in, so that nothing but the application gives an id.
    struct Anybody;

    #[async_trait]
    impl AdminGuard for Anybody {
        async fn admit(
            &self,
            _: &axum::http::request::Parts,
            _: &Operation<'_>,
        ) -> Result<Admin, Denied> {
            Ok(Admin::new(Creator::Person("ada".to_owned())).within("acme"))
        }
    }
    let keys = Keys::of(Dialect::scribe_sight()).await;
    let admin = KeyAdmin::new(keys.manager.clone(), Anybody).unwrap();
    for (layer, named) in [(true, true), (false, true), (false, false)] {
        let (admin, auth) = (admin.clone(), auth(&keys).optional());
        let server = Server::start(move || {
            App::new()
                .service(mount(admin.path(), admin.clone()))
                .wrap(actix_web::middleware::Condition::new(layer, auth.clone()))
                .wrap_fn(move |request, service| {
                    if named {
                        let id = verify::RequestId::from_application("req_ofapplication");
                        request.extensions_mut().insert(id);
                    }
                    service.call(request)
                })
        });
        let list = server.client().get_without_key(PATH).await;
        let id = list.header("x-request-id").unwrap();
        assert_eq!(list.json()["meta"]["request_id"], id);
        assert_eq!(id == "req_ofapplication", named);
    }
}

#[tokio::test]
async fn without_the_layer_the_answer_is_a_mistake_of_the_application() {
    let keys = Keys::of(Dialect::scribe_sight()).await;
    let admin = KeyAdmin::new(keys.manager.clone(), KeyGuard).unwrap();
    let server = Server::start(move || App::new().service(mount(admin.path(), admin.clone())));
    let key = keys.key("write").await;
    let answer = server.client().get(PATH, key.expose()).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (500, &json!("internal_error")));
}

/// Everybody works for `acme`, and for nobody else.
struct Acme;

#[async_trait]
impl Membership for Acme {
    async fn workspace(&self, _: &str, asked: Option<&str>) -> Result<Option<String>, StoreError> {
        Ok(asked.is_none_or(|asked| asked == "acme").then(|| "acme".to_owned()))
    }
}

#[tokio::test]
async fn people_with_a_jwt_manage_keys() {
    async fn who(caller: Caller<Claims>) -> String {
        match caller {
            Caller::Key(key) => key.workspace().to_owned(),
            Caller::Guard(person) => person.subject().to_owned(),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let issuer = DevelopmentKeys::generate().unwrap();
    issuer.write_jwks(&path).unwrap();
    let guard = JwtGuard::builder(Jwks::from_file(&path).unwrap());
    let guard = guard.with_issuer("https://people.example").build().unwrap();
    let token = |exp: u64| {
        let claims = json!({"iss": "https://people.example", "sub": "alice", "exp": exp});
        issuer.sign(&claims).unwrap()
    };
    let (good, expired) = (token(4_102_444_800), token(0));

    let keys = Keys::of(Dialect::onepin()).await;
    let people = PersonGuard::new(Acme, |person: &Claims| person.subject().to_owned());
    let admin = KeyAdmin::new(keys.manager.clone(), people).unwrap();
    let auth = auth(&keys).or(TowerGuard(guard));
    let server = Server::start(move || {
        App::new()
            .service(mount(admin.path(), admin.clone()))
            .route("/who", web::get().to(who))
            .wrap(auth.clone())
    });
    let client = server.client();
    assert_eq!(client.get("/who", &good).await.body, "alice");
    assert_eq!(client.get("/who", &expired).await.status, 401);
    assert_eq!(client.get(PATH, &expired).await.status, 401);

    let made = client.post(PATH, &good, &json!({"name": "CI", "scopes": ["voices:read"]})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.json()["data"]["created_by"], "alice");
    let key = made.json()["data"]["api_key"].as_str().unwrap().to_owned();
    assert_eq!(client.get("/who", &key).await.body, "acme");
    assert_eq!(client.get(PATH, &key).await.status, 401, "a key is no person");
    let elsewhere = client.request(Method::GET, PATH).bearer_auth(&good);
    let elsewhere = client.send(elsewhere.header("x-workspace-id", "globex")).await;
    assert_eq!(elsewhere.status, 404);
    assert_eq!(keys.manager.list(&ListKeys::new()).await.unwrap().keys.len(), 1);
}

#[tokio::test]
async fn a_refusal_of_the_management_is_told_apart_outside() {
    use actix_web::dev::Service;

    let keys = Keys::of(Dialect::scribe_sight()).await;
    let admin = KeyAdmin::new(keys.manager.clone(), KeyGuard).unwrap();
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new().service(mount(admin.path(), admin.clone())).wrap(auth.clone()).wrap_fn(
            |request, service| {
                let answered = service.call(request);
                async move {
                    let answer = answered.await?;
                    let rejection = answer.response().extensions().get().cloned();
                    let kind = rejection.map(|rejection: verify::Rejection| rejection.kind());
                    assert_eq!(kind, Some(RejectionKind::Scope));
                    Ok(answer)
                }
            },
        )
    });
    let key = keys.key("read").await;
    let refused = server.client().post(PATH, key.expose(), &json!({"name": "CI"})).await;
    assert_eq!(refused.status, 403);
}
