//! The configuration of docs/gateway.md, run by nginx.

use keyward_tests::{Answer, Client, Nginx, Postgres, Served, raw};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::{IDENTITY, KEYWARD};

const DOCUMENT: &str = include_str!("../../../docs/gateway.md");

/// A service behind nginx behind keyward.
struct Gateway {
    served: Served,
    backend: Backend,
    nginx: Nginx,
    client: Client,
}

impl Gateway {
    async fn start(arguments: &[&str]) -> Self {
        let served = Served::start(KEYWARD, arguments).await;
        let backend = Backend::start().await;
        let (_, configuration) = DOCUMENT.split_once("```nginx\n").unwrap();
        let (configuration, _) = configuration.split_once("```").unwrap();
        let addresses = [
            ("127.0.0.1:8080", served.program.address),
            ("127.0.0.1:9000", backend.server.address),
        ];
        let nginx = Nginx::start(configuration, "127.0.0.1:8000", &addresses);
        Self { client: nginx.client(), nginx, served, backend }
    }

    async fn get_with(&self, path: &str, key: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client.request(Method::GET, path).bearer_auth(key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.client.send(request).await
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

/// What the client is told through nginx is what `/auth` says, but for what is of the request.
#[track_caller]
fn assert_same_refusal(through: &Answer, direct: &Answer) {
    assert_eq!(through.status, direct.status);
    for name in ["content-type", "www-authenticate", "retry-after", "ratelimit-policy"] {
        assert_eq!(through.header(name), direct.header(name), "{name}");
    }
    let body = |answer: &Answer| {
        let mut body = answer.json();
        let id = body["request_id"].take();
        assert_eq!(id, answer.header("x-request-id").unwrap());
        body
    };
    assert_eq!(body(through), body(direct));
}

#[tokio::test]
async fn a_good_key_passes_and_the_service_learns_whose_it_is() {
    let gateway = Gateway::start(&[]).await;
    let more =
        json!({"scopes": ["projects-read"], "resources": ["p 1", "*"], "rate_limit_per_min": 9});
    let (id, key) = gateway.served.create(more).await;
    let answer = gateway.client.get("/projects/1?scopes=x", &key).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = answer.json();
    let values = [&*id, "acme", "live", "projects-read", "p%201 %2A"];
    for (name, value) in IDENTITY.into_iter().zip(values) {
        assert_eq!(told[name], json!([value]), "{name}");
    }
    assert_eq!(told["uri"], json!(["/projects/1?scopes=x"]));
    // One id for the service, and for the client.
    assert_eq!(told["x-request-id"], json!([answer.header("x-request-id").unwrap()]));
    assert_eq!(answer.header("ratelimit-policy"), Some("\"default\";q=9;w=60"));
    assert!(answer.header("ratelimit").unwrap().starts_with("\"default\";r=8;"));
}

#[tokio::test]
async fn a_key_of_many_resources_passes() {
    let gateway = Gateway::start(&[]).await;
    let resources: Vec<String> =
        (0..300).map(|n| format!("project-with-a-long-id-{n:08}")).collect();
    let more = json!({"scopes": ["projects-read"], "resources": resources});
    let (_, key) = gateway.served.create(more).await;
    let answer = gateway.client.get("/projects", &key).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["x-keyward-resources"], json!([resources.join(" ")]));
}

#[tokio::test]
async fn bodies_and_methods_arrive() {
    let gateway = Gateway::start(&[]).await;
    let (_, key) = gateway.served.create(json!({"scopes": ["projects-read"]})).await;
    let body = json!({"name": "x".repeat(100_000)});
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let request = gateway.client.request(method.clone(), "/projects").bearer_auth(&key);
        let answer = gateway.client.send(request.json(&body)).await;
        let told = answer.json();
        assert_eq!(told["method"], json!([method.as_str()]));
        assert_eq!(told["length"], json!([body.to_string().len().to_string()]));
        let refused = gateway.client.request(method, "/projects").bearer_auth("junk");
        assert_eq!(gateway.client.send(refused.json(&body)).await.status, 401);
    }
}

#[tokio::test]
async fn a_refusal_arrives_with_its_status_its_headers_and_its_body() {
    let gateway = Gateway::start(&[]).await;
    let served = &gateway.served;
    let (_, writer) = served.create(json!({"scopes": ["projects-write"]})).await;
    let (id, revoked) = served.create(json!({"scopes": ["projects-read"]})).await;
    served.revoke(&id).await;
    for key in ["kw_live_guess", "eyJhbGciOi.J9.x", &revoked, &writer] {
        let through = gateway.client.get("/projects", key).await;
        let direct = served.client.get("/auth?scopes=projects-read", key).await;
        assert_same_refusal(&through, &direct);
    }
    let through = gateway.client.get_without_key("/projects").await;
    assert_same_refusal(&through, &served.client.get_without_key("/auth").await);
    assert_eq!(through.header("www-authenticate"), Some("Bearer realm=\"standard\""));
    // 400, which nginx does not know.
    let twice = ["authorization: Bearer a", "x-api-key: b"].map(str::as_bytes);
    let through = raw(gateway.nginx.address(), "/projects", &twice).await;
    let direct = raw(served.program.address, "/auth", &twice).await;
    assert_eq!(direct.status, 400);
    assert_eq!(
        (through.status, text(&through.headers, "www-authenticate")),
        (400, text(&direct.headers, "www-authenticate"))
    );
    assert_eq!(gateway.backend.asked(), 0);
}

#[tokio::test]
async fn both_scopes_or_the_other_one() {
    let gateway = Gateway::start(&[]).await;
    for (scopes, status) in [
        (json!(["projects-read", "projects-write"]), 200),
        (json!(["admin"]), 200),
        (json!(["projects-read"]), 403),
        (json!("all"), 200),
    ] {
        let (_, key) = gateway.served.create(json!({"scopes": scopes})).await;
        assert_eq!(gateway.client.get("/transcripts", &key).await.status, status, "{scopes}");
    }
}

#[tokio::test]
async fn nothing_that_a_client_sends_makes_it_somebody_or_asks_for_less() {
    let gateway = Gateway::start(&[]).await;
    let (id, reader) = gateway.served.create(json!({"scopes": ["projects-read"]})).await;
    let (_, writer) = gateway.served.create(json!({"scopes": ["projects-write"]})).await;
    let spoofed = [
        ("X-Keyward-Key-Id", "admin"),
        ("X-Keyward-Workspace", "globex"),
        ("X-Keyward-Kind", "root"),
        ("X-Keyward-Scopes", "projects-write"),
        ("X-Keyward-Resources", "*"),
        ("X-Keyward-Refusal", "kind=missing"),
        ("X-Original-URI", "/auth?scopes=projects-write"),
        ("X-Forwarded-Uri", "/auth?scopes=projects-write"),
        ("X-Request-Id", "mine"),
    ];
    let told = gateway.get_with("/projects", &reader, &spoofed).await.json();
    let values = [&*id, "acme", "live", "projects-read", "*"];
    for (name, value) in IDENTITY.into_iter().zip(values) {
        assert_eq!(told[name], json!([value]), "{name}");
    }
    assert_ne!(told["x-request-id"], json!(["mine"]));
    for path in [
        "/projects",
        "/projects?scopes=projects-write",
        "/projects%3Fscopes=projects-write",
        "/projects/%2e%2e/projects",
        "/transcripts/../projects",
        "//projects",
        "/projects#?scopes=projects-write",
    ] {
        let refused = gateway.get_with(path, &writer, &spoofed).await;
        assert!([403, 503].contains(&refused.status), "{path}: {}", refused.status);
    }
    // A client cannot ask in nginx's place.
    for path in ["/_keyward/auth", "/_keyward/refusal", "/%5fkeyward/auth", "/auth"] {
        let answer = gateway.get_with(path, &reader, &spoofed).await;
        assert!([404, 503].contains(&answer.status), "{path}: {}", answer.status);
    }
    let asked = gateway.backend.asked();
    assert_eq!(asked, 1, "the reader's one request");
}

#[tokio::test]
async fn a_key_of_some_networks_works_from_there_whatever_a_client_says() {
    let gateway = Gateway::start(&["--trusted-proxy", "127.0.0.1/32"]).await;
    let here = json!({"scopes": ["projects-read"], "networks": ["127.0.0.1/32"]});
    let (_, here) = gateway.served.create(here).await;
    assert_eq!(gateway.client.get("/projects", &here).await.status, 200);
    let there = json!({"scopes": ["projects-read"], "networks": ["203.0.113.0/24"]});
    let (_, there) = gateway.served.create(there).await;
    let forwarded = [("X-Forwarded-For", "203.0.113.7")];
    assert_eq!(gateway.get_with("/projects", &there, &forwarded).await.status, 403);
}

#[tokio::test]
async fn a_location_that_names_no_scopes_lets_nobody_pass() {
    let gateway = Gateway::start(&[]).await;
    let (_, key) = gateway.served.create(json!({"scopes": "all"})).await;
    assert_eq!(gateway.client.get("/elsewhere", &key).await.status, 503);
    assert_eq!(gateway.client.get("/elsewhere", "junk").await.status, 401);
}

#[tokio::test]
async fn a_revoked_key_is_refused_on_the_next_request() {
    let gateway = Gateway::start(&[]).await;
    let (id, key) = gateway.served.create(json!({"scopes": ["projects-read"]})).await;
    for _ in 0..3 {
        assert_eq!(gateway.client.get("/projects", &key).await.status, 200);
    }
    gateway.served.revoke(&id).await;
    assert_eq!(gateway.client.get("/projects", &key).await.status, 401);
    assert_eq!(gateway.backend.asked(), 3);
}

#[tokio::test]
async fn a_request_counts_once_whether_it_passes_or_not() {
    let gateway = Gateway::start(&[]).await;
    let more = json!({"scopes": ["projects-read"], "rate_limit_per_min": 6});
    let (_, key) = gateway.served.create(more).await;
    let mut statuses = Vec::new();
    for path in ["/projects", "/transcripts", "/projects", "/transcripts", "/projects", "/projects"]
    {
        statuses.push(gateway.client.get(path, &key).await.status);
    }
    assert_eq!(statuses, [200, 403, 200, 403, 200, 200]);
    let through = gateway.client.get("/projects", &key).await;
    let direct = gateway.served.client.get("/auth?scopes=projects-read", &key).await;
    assert_eq!(through.status, 429);
    // The second that both name may be another.
    for name in ["content-type", "ratelimit-policy", "www-authenticate"] {
        assert_eq!(through.header(name), direct.header(name), "{name}");
    }
    assert!(through.header("ratelimit").unwrap().starts_with("\"default\";r=0;t="));
    let seconds: u32 = through.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let body: Value = through.json();
    assert_eq!((&body["code"], &body["status"]), (&json!("rate_limited"), &json!(429)));
    assert_eq!(body["detail"], format!("Try again in {seconds} seconds."));
    assert_eq!(body["request_id"], through.header("x-request-id").unwrap());
}

#[tokio::test]
async fn a_store_that_is_down_is_a_503_and_so_is_keyward_itself() {
    let postgres = Postgres::start();
    let store = postgres.database();
    let operators = "sqlite://keyward-operators.db";
    let arguments = ["--store", &*store, "--operators", operators, "--max-staleness", "1s"];
    let gateway = Gateway::start(&arguments).await;
    let (_, key) = gateway.served.create(json!({"scopes": ["projects-read"]})).await;
    assert_eq!(gateway.client.get("/projects", &key).await.status, 200);
    postgres.kill();
    gateway.served.until("/readyz", 503).await;
    let through = gateway.client.get("/projects", &key).await;
    assert_eq!((through.status, through.header("retry-after")), (503, Some("1")));
    assert_eq!(through.json()["code"], "unavailable");
    assert_eq!(through.header("content-type"), Some("application/problem+json"));

    let Gateway { served, client, backend, .. } = &gateway;
    served.program.signal(rustix::process::Signal::KILL);
    let down = loop {
        let answer = client.get("/projects", &key).await;
        if answer.header("content-type") == Some("application/json") {
            break answer;
        }
    };
    assert_eq!((down.status, down.header("retry-after")), (503, Some("1")));
    assert_eq!(backend.asked(), 1);
}

#[tokio::test]
async fn a_dialects_own_words_arrive() {
    let gateway = Gateway::start(&["--dialect", "bigspin"]).await;
    for key in ["sk-no", "sk-bigspin-api03-0000000000000000000000000000000000000000000"] {
        let through = gateway.client.get("/projects", key).await;
        let direct = gateway.served.client.get("/auth", key).await;
        assert_eq!((through.status, &through.body), (direct.status, &direct.body));
        assert_eq!(through.header("content-type"), direct.header("content-type"));
        assert_eq!(through.header("www-authenticate"), direct.header("www-authenticate"));
    }
    let (_, down) = DOCUMENT.split_once("return 503 '").unwrap();
    let (down, _) = down.split_once("\\n';").unwrap();
    assert!(serde_json::from_str::<Value>(down).is_ok());
}
