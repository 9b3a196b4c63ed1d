//! `POST /introspect`: token introspection (RFC 7662).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use keyward::axum::{ApiKey as Operator, RequestId};
use keyward::dialect::ScopeRule;
use keyward::key::{Grant, PlainKey};
use keyward::verify::{ApiKey, RejectionKind, Verifier};
use serde_json::{Value, json};

use super::problem::Trouble;
use super::verdict::report;
use super::{operators, refusal};
use crate::head::Head;
use crate::operator::VERIFY;

pub(super) async fn introspect(
    State(verifier): State<Verifier>,
    operator: Operator,
    id: RequestId,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    operator.require(VERIFY)?;
    let Some(token) = token(&body?) else { return Ok(no_token()) };
    let head = Head::of(token, verifier.dialect().locations());
    let is_seen = |key: &ApiKey| {
        operators::workspace(&operator).is_none_or(|workspace| workspace == key.workspace())
    };
    let answer = verifier.verify(&head).await;
    report(&answer, &id);
    match answer {
        Ok(key) if is_seen(&key) => Ok(Json(active(&key)).into_response()),
        // Neither says that the key is not good.
        Err(rejection)
            if matches!(
                rejection.kind(),
                RejectionKind::RateLimited | RejectionKind::Unavailable
            ) =>
        {
            Ok(refusal::response(&verifier, &rejection, &id))
        }
        Ok(_) | Err(_) => Ok(Json(json!({"active": false})).into_response()),
    }
}

/// The one `token` of a form; a parameter that stands there twice is none (RFC 6749 §3.1).
fn token(body: &[u8]) -> Option<PlainKey> {
    let mut tokens = form_urlencoded::parse(body).filter(|(name, _)| name == "token");
    let (_, token) = tokens.next()?;
    let token = PlainKey::new(token.into_owned());
    tokens.next().is_none().then_some(token)
}

/// RFC 6749 §5.2, which RFC 7662 §2.3 refers to.
fn no_token() -> Response {
    let body = json!({
        "error": "invalid_request",
        "error_description": "Send exactly one token, as application/x-www-form-urlencoded.",
    });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// RFC 7662 §2.2. The key is its own client; whoever it belongs to is the subject.
fn active(key: &ApiKey) -> Value {
    let mut answer = json!({
        "active": true,
        "client_id": key.id(),
        "sub": key.workspace(),
        "jti": key.id(),
        "token_type": "Bearer",
    });
    let scope = match key.effective_grant() {
        Grant::Only(scopes) => scopes.to_string(),
        Grant::All => key.dialect().scopes().map(ScopeRule::name).collect::<Vec<_>>().join(" "),
    };
    // A key that may do everything, of an API that lists no scopes, has none to be named.
    if !scope.is_empty() {
        answer["scope"] = scope.into();
    }
    if let Some(end) = key.expires_at() {
        answer["exp"] = end.as_millis().div_euclid(1000).into();
    }
    answer
}
