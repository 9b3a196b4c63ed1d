use axum::Json;
use axum::body::HttpBody;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value};

/// A JSON object of these members, in this order.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What is wrong with a body, for an API to put into its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadJson {
    /// It has more bytes than are read.
    #[error("The body is too large")]
    TooLarge,
    /// Its content type is not JSON, or left out.
    #[error("The body must come with `Content-Type: application/json`")]
    OtherType,
    /// It is not JSON, not UTF-8, or nested too deep.
    #[error("The body is not valid JSON")]
    Malformed,
    /// It is JSON, but no object.
    #[error("The body must be a JSON object")]
    NoObject,
}

/// Reads a body of at most so many bytes, which must be a JSON object.
///
/// # Errors
/// [`BadJson`]; what is announced as too large is refused before it is read.
pub async fn json_object(
    mut request: Request,
    largest: usize,
) -> Result<Map<String, Value>, BadJson> {
    let mut body = std::mem::take(request.body_mut());
    let read = if body.size_hint().lower() > largest as u64 {
        None
    } else {
        match Limited::new(&mut body, largest).collect().await {
            Ok(read) => Some(read),
            Err(error) if error.is::<LengthLimitError>() => None,
            // The connection broke, or the client stopped half-way.
            Err(_) => return Err(BadJson::Malformed),
        }
    };
    let Some(read) = read else { return Err(BadJson::TooLarge) };
    *request.body_mut() = read.to_bytes().into();
    DefaultBodyLimit::disable().apply(&mut request);
    match Json::from_request(request, &()).await {
        Ok(Json(object)) => Ok(object),
        Err(JsonRejection::MissingJsonContentType(_)) => Err(BadJson::OtherType),
        Err(JsonRejection::JsonDataError(_)) => Err(BadJson::NoObject),
        Err(_) => Err(BadJson::Malformed),
    }
}
