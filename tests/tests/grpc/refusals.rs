//! Who is let in, and which status everybody else reads.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use futures_util::stream;
use keyward::clock::{Clock, SystemClock};
use keyward::key::Grant;
use keyward::manage::NewKey;
use keyward_tests::Trouble;
use tokio::time::sleep;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;

use crate::stage::{ANSWER, Stage, next};

const UNKNOWN: &str = "sk-bigspin-api03-0000000000000000000000000000000000000000000";

/// A refusal with this code and message, as every one of them is.
#[track_caller]
fn assert_refused<T>(result: Result<T, Status>, code: Code, message: &str) -> Status {
    let status = result.err().unwrap();
    assert_eq!((status.code(), status.message()), (code, message));
    let metadata = status.metadata();
    assert_eq!(metadata.get("x-request-id").unwrap().len(), 36, "{metadata:?}");
    assert!(metadata.get("www-authenticate").is_none(), "a challenge is HTTP's: {metadata:?}");
    let passes = matches!(code, Code::ResourceExhausted | Code::Unavailable);
    assert_eq!(metadata.contains_key("retry-after"), passes, "{metadata:?}");
    status
}

#[track_caller]
fn assert_missing<T>(result: Result<T, Status>) {
    assert_refused(result, Code::Unauthenticated, "Send an API key.");
}

#[track_caller]
pub(crate) fn assert_invalid<T>(result: Result<T, Status>) {
    assert_refused(result, Code::Unauthenticated, "This API key is not valid.");
}

#[track_caller]
fn assert_lacks<T>(result: Result<T, Status>, scopes: &str) {
    let message = format!("This API key lacks a scope that is needed here. Needed: {scopes}");
    assert_refused(result, Code::PermissionDenied, &message);
}

#[tokio::test]
async fn a_good_key_is_let_in_and_the_handler_sees_it() {
    let stage = Stage::set().await;
    let key = stage.key("projects-read").await;
    // The first time the store is asked, the second time the cache.
    for _ in 0..2 {
        let response = stage.check("", &[key.key.expose()]).await.unwrap();
        let metadata = response.metadata();
        assert_eq!(metadata.get("workspace").unwrap(), "acme");
        assert_eq!(metadata.get("handler-saw"), metadata.get("x-request-id"));
        assert_eq!(response.into_inner(), ANSWER);
    }
}

#[tokio::test]
async fn a_key_that_is_none_or_not_good_is_unauthenticated() {
    let stage = Stage::set().await;
    let revoked = stage.key("projects-read").await;
    assert!(stage.check("", &[revoked.key.expose()]).await.is_ok());
    stage.revoke(&revoked).await;
    let soon = SystemClock::new().now().timestamp.plus(Duration::from_millis(200));
    let expired = NewKey::new("acme", "expires").with_grant(Grant::All).with_expires_at(soon);
    let expired = stage.manager.create(expired).await.unwrap();
    while SystemClock::new().now().timestamp <= soon {
        sleep(Duration::from_millis(20)).await;
    }

    assert_missing(stage.check("", &[]).await);
    for key in ["malformed", UNKNOWN, revoked.key.expose(), expired.key.expose()] {
        for _ in 0..2 {
            assert_invalid(stage.check("", &[key]).await);
        }
    }
    let two = [revoked.key.expose(), revoked.key.expose()];
    let ambiguous = stage.check("", &two).await;
    assert_refused(ambiguous, Code::InvalidArgument, "Send exactly one API key.");
}

#[tokio::test]
async fn each_service_asks_for_its_own_scope() {
    let stage = Stage::set().await;
    let (reads, writes) = (stage.key("projects-read").await, stage.key("projects-write").await);
    let (reads, writes) = ([reads.key.expose()], [writes.key.expose()]);
    let messages = || stream::iter(vec![HealthCheckRequest::default(); 3]);

    assert!(stage.check("", &reads).await.is_ok());
    assert_eq!(stage.upload(messages(), &writes).await.unwrap(), ANSWER);
    assert_lacks(stage.check("", &writes).await, "projects-read");
    assert_lacks(stage.watch(&writes).await, "projects-read");
    assert_lacks(stage.upload(messages(), &reads).await, "projects-write");
}

#[tokio::test]
async fn a_handler_refuses_like_the_layer() {
    let stage = Stage::set().await;
    let key = stage.key("projects-read").await;
    let key = [key.key.expose()];
    assert_lacks(stage.check("writes", &key).await, "50%");
    let message = "This API key is not allowed at this resource.";
    assert_refused(stage.check("elsewhere", &key).await, Code::PermissionDenied, message);
    let limited = stage.check("limited", &key).await;
    let limited = assert_refused(limited, Code::ResourceExhausted, "Too many requests.");
    assert_eq!(limited.metadata().get("retry-after").unwrap(), "1");
}

#[tokio::test]
async fn a_limited_key_reads_in_the_metadata_how_it_stands() {
    let stage = Stage::set().await;
    let new = NewKey::new("acme", "slow").with_grant(Grant::All);
    let new = new.with_rate_limit_per_min(const { NonZeroU32::new(1).unwrap() });
    let key = stage.manager.create(new).await.unwrap().key;
    let key = [key.expose()];
    let response = stage.check("", &key).await.unwrap();
    assert_eq!(response.metadata().get("ratelimit-policy").unwrap(), "\"default\";q=1;w=60");
    let limited = stage.check("", &key).await;
    let limited = assert_refused(limited, Code::ResourceExhausted, "Too many requests.");
    let seconds: u32 =
        limited.metadata().get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let left = format!("\"default\";r=0;t={seconds}");
    assert_eq!(limited.metadata().get("ratelimit").unwrap(), &*left);
}

#[tokio::test]
async fn a_store_that_is_down_makes_no_key_bad() {
    let stage = Stage::set().await;
    let key = stage.key("projects-read").await;
    stage.outage.begin(Trouble::Fails);
    let message = "Authentication is temporarily unavailable.";
    assert_refused(stage.check("", &[key.key.expose()]).await, Code::Unavailable, message);
    assert_refused(stage.watch(&[key.key.expose()]).await, Code::Unavailable, message);
    stage.outage.end();
    // The store is asked again after a pause, of a second at most.
    let deadline = Instant::now() + Duration::from_secs(30);
    while let Err(status) = stage.check("", &[key.key.expose()]).await {
        assert_eq!(status.code(), Code::Unavailable);
        assert!(Instant::now() < deadline, "still unavailable");
    }
}

#[tokio::test]
async fn streams_of_both_directions_are_let_in_or_refused() {
    let stage = Stage::set().await;
    let key = stage.key("projects-read projects-write").await;
    let key = [key.key.expose()];
    assert_missing(stage.watch(&[]).await);
    assert_invalid(stage.watch(&[UNKNOWN]).await);
    let mut stream = stage.watch(&key).await.unwrap();
    for _ in 0..3 {
        stage.messages.send(ANSWER).unwrap();
        assert_eq!(next(&mut stream).await.unwrap(), Some(ANSWER));
    }

    // Nobody waits for the end of what is sent.
    let endless = || stream::repeat(HealthCheckRequest { service: "a".repeat(10_000) });
    assert_missing(stage.upload(endless(), &[]).await);
    assert_invalid(stage.upload(endless(), &["malformed"]).await);
    assert_invalid(stage.upload(stream::pending(), &[UNKNOWN]).await);
    let some = stream::iter(vec![HealthCheckRequest::default(); 100]);
    assert_eq!(stage.upload(some, &key).await.unwrap(), ANSWER);
}

#[tokio::test]
async fn strangers_learn_not_even_which_methods_there_are() {
    let stage = Stage::set().await;
    let key = stage.key("projects-read").await;
    let nothing = async |keys| stage.call("/test.Nothing/Here", stream::empty(), keys).await;
    assert_missing(nothing(&[]).await);
    let unknown = nothing(&[key.key.expose()]).await.unwrap_err();
    assert_eq!(unknown.code(), Code::Unimplemented);
    assert_eq!(unknown.metadata().get("x-request-id").unwrap().len(), 36);
}

#[tokio::test]
async fn a_key_with_networks_works_from_there_alone_by_the_address_of_tonics_server() {
    let stage = Stage::set().await;
    let from = |networks: &str| {
        NewKey::new("acme", "somewhere")
            .with_grant(Grant::All)
            .with_networks(networks.parse().unwrap())
    };
    let here = stage.manager.create(from("127.0.0.0/8")).await.unwrap();
    let elsewhere = stage.manager.create(from("203.0.113.0/24")).await.unwrap();
    for _ in 0..2 {
        assert!(stage.check("", &[here.key.expose()]).await.is_ok());
        let message = "This API key is not allowed from this address.";
        let refused = stage.check("", &[elsewhere.key.expose()]).await;
        assert_refused(refused, Code::PermissionDenied, message);
    }
}
