//! nginx asks twice: `auth_request` knows 200, 401 and 403 and throws bodies away, and so
//! `error_page` asks again for what the client is told.
//!
//! The first answer leaves a note for the second question, which says why the request is refused.
//! Nothing is verified or counted again, and any process can answer, also of another version of the
//! store. A note is no secret and no capability: whoever makes one up is told a refusal.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use form_urlencoded::Serializer;
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use keyward::limit::LimitField;
use keyward::verify::{Rejection, RejectionKind, RequestId, Verifier};

use super::refusal::{self, REQUEST_ID};

/// From the first answer to the second question.
const NOTE: HeaderName = HeaderName::from_static("x-keyward-refusal");

const LIMIT_FIELDS: [LimitField; 5] = [
    LimitField::Policy,
    LimitField::State,
    LimitField::Limit,
    LimitField::Remaining,
    LimitField::Reset,
];

/// Makes an answer of [`auth`](super::auth) one that nginx understands.
pub(super) async fn for_auth_request(response: Response) -> Response {
    let Some(rejection) = response.extensions().get::<Rejection>() else { return response };
    let note = note(rejection, response.headers());
    let status = match response.status() {
        StatusCode::UNAUTHORIZED => StatusCode::UNAUTHORIZED,
        _ => StatusCode::FORBIDDEN,
    };
    match HeaderValue::try_from(note) {
        // Without the challenge, which nginx would put beside that of the second answer.
        Ok(note) => (status, [(NOTE, note)]).into_response(),
        Err(_) => status.into_response(),
    }
}

/// The second answer: the refusal that the note is about.
pub(super) async fn refusal(State(verifier): State<Verifier>, headers: HeaderMap) -> Response {
    let mut notes = headers.get_all(NOTE).iter();
    let note = match (notes.next(), notes.next()) {
        (Some(note), None) => note.as_bytes(),
        // Nobody has said no: the first question was not answered.
        _ => b"",
    };
    let mut rejection = Rejection::new(RejectionKind::Unavailable);
    let mut id = verifier.dialect().new_request_id();
    let mut limits = HeaderMap::new();
    for (name, value) in form_urlencoded::parse(note) {
        match &*name {
            "kind" => {
                let kind = RejectionKind::ALL.into_iter().find(|kind| kind.as_str() == value);
                rejection = Rejection::new(kind.unwrap_or(RejectionKind::Unavailable));
            }
            "scope" => rejection = rejection.with_scope(&value),
            "retry_after" => {
                if let Ok(seconds) = value.parse() {
                    rejection = rejection.with_retry_after(seconds);
                }
            }
            "request_id" => id = RequestId::from_client(value.as_bytes()).unwrap_or(id),
            name => {
                let field = LIMIT_FIELDS.iter().find(|field| field.name() == name);
                if let (Some(field), Ok(value)) = (field, HeaderValue::from_str(&value)) {
                    limits.insert(HeaderName::from_static(field.name()), value);
                }
            }
        }
    }
    let mut response = refusal::response(&verifier, &rejection, &id);
    response.headers_mut().extend(limits);
    response
}

fn note(rejection: &Rejection, headers: &HeaderMap) -> String {
    let mut note = Serializer::new(String::new());
    // First, since the second answer begins with it.
    note.append_pair("kind", rejection.kind().as_str());
    if let Some(scope) = rejection.scope() {
        note.append_pair("scope", scope);
    }
    if let Some(seconds) = rejection.retry_after() {
        note.append_pair("retry_after", &seconds.to_string());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(id) = text(REQUEST_ID.as_str()) {
        note.append_pair("request_id", id);
    }
    for field in LIMIT_FIELDS {
        if let Some(value) = text(field.name()) {
            note.append_pair(field.name(), value);
        }
    }
    note.finish()
}
