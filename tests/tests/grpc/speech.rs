//! Who is answered in gRPC, and who in HTTP.

use http_body_util::Full;
use keyward::dialect::{Dialect, InFlight};
use keyward::tower::ApiKey;
use keyward_tests::bigspin::{assert_lacks, assert_missing};
use keyward_tests::{Answer, Keys, Logs};
use reqwest::{Client, ClientBuilder, Method};
use tonic::codegen::Bytes;
use tonic::codegen::http::{Extensions, Request, Version};
use tonic::service::{LayerExt, Routes};
use tonic::{Code, Status};
use tower::ServiceExt;

use crate::stage::{Stage, Uploads};

const CHECK: &str = "/grpc.health.v1.Health/Check";

async fn ask(
    stage: &Stage,
    http: fn(ClientBuilder) -> ClientBuilder,
    method: Method,
    mime: &str,
    key: Option<&str>,
) -> Answer {
    let client = http(Client::builder().no_proxy()).build().unwrap();
    let request = client.request(method, format!("http://{}{CHECK}", stage.address));
    let mut request = request.header("content-type", mime).body(vec![0; 5]);
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.text().await.unwrap() }
}

#[tokio::test]
async fn on_the_wire_a_refusal_is_a_head_and_nothing_else() {
    let stage = Stage::set().await;
    let key = stage.key("projects-write").await;
    let lacks = "This API key lacks a scope that is needed here. Needed: projects-read";
    for mime in ["application/grpc", "application/grpc+proto", "Application/GRPC"] {
        for (key, status, message) in [
            (None, "16", "Send an API key."),
            (Some("malformed"), "16", "This API key is not valid."),
            (Some(key.key.expose()), "7", lacks),
        ] {
            let http2 = ClientBuilder::http2_prior_knowledge;
            let answer = ask(&stage, http2, Method::POST, mime, key).await;
            assert_eq!((answer.status, &*answer.body), (200, ""));
            let names = ["content-type", "grpc-message", "grpc-status", "x-request-id"];
            assert_eq!(answer.header_names(), names);
            assert_eq!(answer.header("content-type"), Some("application/grpc"));
            assert_eq!(answer.header("grpc-status"), Some(status));
            assert_eq!(answer.header("grpc-message"), Some(message));
        }
    }
}

#[tokio::test]
async fn who_does_not_speak_grpc_is_refused_in_http() {
    let stage = Stage::set().await;
    let key = stage.key("projects-write").await;
    for http in [ClientBuilder::http1_only, ClientBuilder::http2_prior_knowledge] {
        for (method, mime) in [
            (Method::GET, "text/plain"),
            (Method::POST, "application/json"),
            (Method::OPTIONS, "application/json"),
            (Method::POST, "application/grpc-web"),
            (Method::GET, "application/grpc"),
            (Method::OPTIONS, "application/grpc+proto"),
        ] {
            assert_missing(&ask(&stage, http, method.clone(), mime, None).await);
            let key = Some(key.key.expose());
            assert_lacks(&ask(&stage, http, method, mime, key).await, "projects-read");
        }
        let head = ask(&stage, http, Method::HEAD, "application/grpc", None).await;
        assert_eq!((head.status, head.header("grpc-status")), (401, None));
    }
    // gRPC is of HTTP/2.
    let http1 = ClientBuilder::http1_only;
    let posted = ask(&stage, http1, Method::POST, "application/grpc", None).await;
    assert_missing(&posted);
}

#[tokio::test]
async fn a_layer_of_http_refuses_in_http_also_who_says_grpc() {
    let stage = Stage::set_with(InFlight::Finish, |auth| auth).await;
    let key = stage.key("projects-write").await;
    let http2 = ClientBuilder::http2_prior_knowledge;
    let ask = async |key| ask(&stage, http2, Method::POST, "application/grpc", key).await;
    assert_missing(&ask(None).await);
    assert_lacks(&ask(Some(key.key.expose())).await, "projects-read");
    assert!(stage.check("", &[]).await.is_err(), "whatever a client makes of HTTP");
}

#[tokio::test]
async fn one_service_may_be_guarded_alone() {
    let keys = Keys::of(Dialect::bigspin()).await;
    let (_, open) = tonic_health::server::health_reporter();
    let routes = Routes::new(open).add_service(keys.auth().grpc().named_layer(Uploads));
    let key = keys.key("projects-write").await;
    let call = async |path: &str, key: Option<&str>| {
        let request = Request::post(path).version(Version::HTTP_2);
        let request = request.header("content-type", "application/grpc");
        let request = match key {
            Some(key) => request.header("authorization", format!("Bearer {key}")),
            None => request,
        };
        // The empty message.
        let request = request.body(Full::new(Bytes::from_static(&[0; 5]))).unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        response.headers().get("grpc-status").map(|status| status.to_str().unwrap().to_owned())
    };
    assert_eq!(call(CHECK, None).await, None, "its status is in the trailers");
    assert_eq!(call("/test.Uploads/Put", None).await.as_deref(), Some("16"));
    assert_eq!(call("/test.Uploads/Put", Some(key.expose())).await, None);
}

#[test]
fn without_the_layer_a_handler_answers_internal_and_the_log_names_the_layer() {
    let (logs, _guard) = Logs::of_thread();
    let status = Status::from(ApiKey::of(&Extensions::new()).unwrap_err());
    assert_eq!((status.code(), status.message()), (Code::Internal, "Internal server error"));
    assert!(logs.text().contains("no ApiKeyAuth layer"), "{}", logs.text());
}
