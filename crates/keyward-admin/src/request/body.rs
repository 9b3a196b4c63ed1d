use std::error::Error;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use keyward_core::dialect::management::{Fault, FaultKind};
use serde_json::{Map, Value};

/// In bytes. A name, a description and all scopes of a large API need a tenth of it.
const LARGEST: usize = 64 * 1024;

/// Why a body is of no use.
pub(crate) enum BodyError {
    TooLarge,
    Fault(Fault),
}

/// Why a body was not read to its end.
pub(crate) enum Unread {
    TooLarge,
    /// The connection broke, or the server gave up waiting.
    Broken,
}

/// Reads a body to its end.
pub(crate) async fn collect<B>(body: B) -> Result<Bytes, Unread>
where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    // What is announced as too large is refused before it is read.
    if body.size_hint().lower() > LARGEST as u64 {
        return Err(Unread::TooLarge);
    }
    match Limited::new(body, LARGEST).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Err(_) => Err(Unread::Broken),
    }
}

/// Reads a body to its end, which must be a JSON object. Of two fields with one name the last counts.
///
/// The media type has to be said: a page of another site can send anything else unasked.
pub(crate) async fn read<B>(headers: &HeaderMap, body: B) -> Result<Map<String, Value>, BodyError>
where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let bytes = match collect(body).await {
        Ok(bytes) => bytes,
        Err(Unread::TooLarge) => return Err(BodyError::TooLarge),
        Err(Unread::Broken) => return Err(BodyError::Fault(Fault::in_body(FaultKind::NotJson))),
    };
    let fault = if bytes.is_empty() {
        Fault::in_body(FaultKind::Missing)
    } else if !is_json(headers) {
        Fault::in_body(FaultKind::NotObject)
    } else {
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => return Ok(fields),
            Ok(_) => Fault::in_body(FaultKind::NotObject),
            Err(error) => Fault::in_body(FaultKind::NotJson).item(offset(&bytes, &error)),
        }
    };
    Err(BodyError::Fault(fault))
}

/// `application/json`, or a type that ends in `+json`, with parameters or without.
fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// At which byte the parser gave up.
fn offset(bytes: &[u8], error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return bytes.len();
    }
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    (before + error.column().saturating_sub(1)).min(bytes.len())
}
