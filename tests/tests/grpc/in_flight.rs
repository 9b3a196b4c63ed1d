//! Requests whose key is revoked while their handler works.

use keyward::dialect::InFlight;
use keyward::tower::ApiKeyAuth;
use tokio::time::timeout;
use tonic::Code;

use crate::refusals::assert_invalid;
use crate::stage::{ANSWER, PATIENCE, Stage, next};

#[tokio::test]
async fn a_call_whose_key_is_revoked_meanwhile_is_answered_as_the_policy_says() {
    for policy in [InFlight::Finish, InFlight::RefuseOnReturn, InFlight::Cancel] {
        let mut stage = Stage::set_with(policy, ApiKeyAuth::grpc).await;
        let key = stage.key("projects-read").await;
        let answer = stage.begin(&key).await;
        stage.revoke(&key).await;
        if policy != InFlight::Cancel {
            stage.goes_on.notify_one();
        }
        let answer = timeout(PATIENCE, answer).await.unwrap().unwrap();
        match policy {
            InFlight::Finish => assert_eq!(answer.unwrap(), ANSWER),
            _ => assert_invalid(answer),
        }
    }
}

#[tokio::test]
async fn under_cancel_a_stream_ends_with_the_status() {
    let stage = Stage::set_with(InFlight::Cancel, ApiKeyAuth::grpc).await;
    let key = stage.key("projects-read").await;
    let mut stream = stage.watch(&[key.key.expose()]).await.unwrap();
    stage.messages.send(ANSWER).unwrap();
    assert_eq!(next(&mut stream).await.unwrap(), Some(ANSWER));
    stage.revoke(&key).await;
    let end = next(&mut stream).await.unwrap_err();
    assert_eq!((end.code(), end.message()), (Code::Unauthenticated, "This API key is not valid."));
    assert_eq!(next(&mut stream).await.unwrap(), None);
}

#[tokio::test]
async fn a_stream_whose_head_has_left_goes_on() {
    for policy in [InFlight::Finish, InFlight::RefuseOnReturn] {
        let stage = Stage::set_with(policy, ApiKeyAuth::grpc).await;
        let key = stage.key("projects-read").await;
        let mut stream = stage.watch(&[key.key.expose()]).await.unwrap();
        stage.revoke(&key).await;
        assert_invalid(stage.watch(&[key.key.expose()]).await);
        stage.messages.send(ANSWER).unwrap();
        assert_eq!(next(&mut stream).await.unwrap(), Some(ANSWER));
    }
}
