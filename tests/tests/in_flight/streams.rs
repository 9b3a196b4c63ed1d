//! When the head of the response has left, and connections with other requests.

use axum::body::Bytes;
use keyward::dialect::InFlight;
use keyward::manage::Issued;
use keyward_tests::bigspin::{INVALID, assert_invalid};
use keyward_tests::{Client, Raw};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::stage::{Event, PATIENCE, Stage, WATCHED, answered, assert_done};

/// A streaming response of which one chunk has come.
async fn streaming(stage: &Stage, http: &reqwest::Client, key: &Issued) -> reqwest::Response {
    stage.chunks.send("first").unwrap();
    let url = format!("http://{}/stream", stage.server.address);
    let request = http.get(url).bearer_auth(key.key.expose());
    let mut response = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(next(&mut response).await.unwrap().as_deref(), Some("first".as_bytes()));
    response
}

async fn next(response: &mut reqwest::Response) -> reqwest::Result<Option<Bytes>> {
    timeout(PATIENCE, response.chunk()).await.unwrap()
}

/// HTTP/2 may say with an empty chunk that it is the last.
async fn assert_ends(response: &mut reqwest::Response) {
    while let Some(chunk) = next(response).await.unwrap() {
        assert_eq!(chunk, "");
    }
}

fn http1() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn http2() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap()
}

#[tokio::test]
async fn a_response_whose_head_has_left_goes_on() {
    for policy in [InFlight::Finish, InFlight::RefuseOnReturn] {
        for http in [http1(), http2()] {
            let mut stage = Stage::set(policy).await;
            let key = stage.key().await;
            let mut response = streaming(&stage, &http, &key).await;
            stage.revoke(&key).await;
            assert_eq!(stage.status(&key).await, 401);
            stage.chunks.send("second").unwrap();
            assert_eq!(next(&mut response).await.unwrap().as_deref(), Some("second".as_bytes()));
            stage.chunks = unbounded_channel().0;
            assert_ends(&mut response).await;
        }
    }
}

#[tokio::test]
async fn under_cancel_a_response_whose_head_has_left_is_cut_off() {
    for http in [http1(), http2()] {
        let stage = Stage::set(InFlight::Cancel).await;
        let key = stage.key().await;
        let mut response = streaming(&stage, &http, &key).await;
        stage.chunks.send("second").unwrap();
        assert_eq!(next(&mut response).await.unwrap().as_deref(), Some("second".as_bytes()));
        stage.revoke(&key).await;
        assert!(next(&mut response).await.is_err(), "no clean end");
    }
}

#[tokio::test]
async fn under_cancel_a_response_of_a_good_key_ends_as_ever() {
    for http in [http1(), http2()] {
        let mut stage = Stage::set(InFlight::Cancel).await;
        let (key, other) = (stage.key().await, stage.key().await);
        let mut response = streaming(&stage, &http, &key).await;
        stage.revoke(&other).await;
        stage.chunks = unbounded_channel().0;
        assert_ends(&mut response).await;
    }
}

#[tokio::test]
async fn a_connection_serves_other_keys_after_a_refusal() {
    for policy in WATCHED {
        let mut stage = Stage::set(policy).await;
        let (key, other) = (stage.key().await, stage.key().await);
        let request = |path: &str, key: &Issued| {
            let key = key.key.expose();
            format!("GET {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n\r\n")
        };
        let mut connection = Raw::connect(stage.server.address).await;
        connection.send(request("/work", &key).as_bytes()).await;
        stage.expect(Event::Begun).await;
        stage.revoke(&key).await;
        if policy == InFlight::RefuseOnReturn {
            stage.permit();
        }
        assert_invalid(&connection.answer().await);
        connection.send(request("/", &other).as_bytes()).await;
        let answer = connection.answer().await;
        assert_eq!((answer.status, &*answer.body), (200, "here"));
    }
}

#[tokio::test]
async fn one_stream_of_a_connection_is_refused_and_the_others_go_on() {
    for policy in WATCHED {
        let mut stage = Stage::set(policy).await;
        let (key, other) = (stage.key().await, stage.key().await);
        let (http, client) = (http2(), Client::new(""));
        let mut requests = vec![];
        for key in [&key, &other] {
            let url = format!("http://{}/work", stage.server.address);
            let request =
                http.get(url).version(reqwest::Version::HTTP_2).bearer_auth(key.key.expose());
            let client = client.clone();
            requests.push(tokio::spawn(async move { client.send(request).await }));
            stage.expect(Event::Begun).await;
        }
        stage.revoke(&key).await;
        let [refused, kept] = <[_; 2]>::try_from(requests).unwrap();
        if policy == InFlight::RefuseOnReturn {
            stage.permit();
            stage.permit();
        }
        let refused = answered(refused).await;
        assert_eq!((refused.status, &*refused.body), (401, INVALID));
        if policy == InFlight::Cancel {
            stage.permit();
        }
        assert_done(&answered(kept).await);
    }
}
