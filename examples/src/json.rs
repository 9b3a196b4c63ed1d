use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use mime::Mime;
use serde_json::error::Category;
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
pub async fn json_object(request: Request, largest: usize) -> Result<Map<String, Value>, BadJson> {
    let (head, body) = request.into_parts();
    if body.size_hint().lower() > largest as u64 {
        return Err(BadJson::TooLarge);
    }
    let bytes = match Limited::new(body, largest).collect().await {
        Ok(read) => read.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(BadJson::TooLarge),
        // The connection broke, or the client stopped half-way.
        Err(_) => return Err(BadJson::Malformed),
    };
    parse(head.headers.get(CONTENT_TYPE).and_then(|of| of.to_str().ok()), &bytes)
}

/// The object that a body of this content type is.
///
/// # Errors
/// [`BadJson`].
pub(crate) fn parse(of: Option<&str>, bytes: &[u8]) -> Result<Map<String, Value>, BadJson> {
    let of = of.and_then(|of| of.parse::<Mime>().ok()).ok_or(BadJson::OtherType)?;
    let is_json = of.subtype() == mime::JSON || of.suffix() == Some(mime::JSON);
    if of.type_() != mime::APPLICATION || !is_json {
        return Err(BadJson::OtherType);
    }
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Data => BadJson::NoObject,
        _ => BadJson::Malformed,
    })
}
