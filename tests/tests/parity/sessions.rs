//! Another way in beside keys: `x-session: 7` is Alice, and any other number nobody any more.

use actix_web::dev::RequestHead;
use async_trait::async_trait;
use axum::http::request::Parts;
use keyward::verify::RejectionKind;

pub(crate) const ALICE: &str = "alice";

pub(crate) struct Sessions;

#[async_trait]
impl keyward::tower::Guard for Sessions {
    type Principal = String;

    async fn authenticate(&self, head: &Parts) -> Result<Option<String>, RejectionKind> {
        person(head.headers.get("x-session").map(axum::http::HeaderValue::as_bytes))
    }
}

#[async_trait(?Send)]
impl keyward::actix::Guard for Sessions {
    type Principal = String;

    async fn authenticate(&self, head: &RequestHead) -> Result<Option<String>, RejectionKind> {
        person(head.headers.get("x-session").map(actix_web::http::header::HeaderValue::as_bytes))
    }
}

fn person(session: Option<&[u8]>) -> Result<Option<String>, RejectionKind> {
    match session {
        None => Ok(None),
        Some(b"7") => Ok(Some(ALICE.to_owned())),
        Some(b"too many") => Err(RejectionKind::RateLimited),
        Some(_) => Err(RejectionKind::Unknown),
    }
}
