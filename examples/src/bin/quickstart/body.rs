//! What clients send, checked field by field: an error names the field that is wrong.

use std::ops::RangeInclusive;

use axum::Json;
use axum::body::HttpBody;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::answer::Error;

const ROLES: [&str; 5] = ["user", "assistant", "system", "tool", "human_agent"];
const MOST_TURNS: usize = 1_000;
/// In bytes.
const LONGEST_CONTENT: usize = 1_000_000;

/// A JSON object.
pub(crate) struct Body(Map<String, Value>);

/// A transcript as it is uploaded.
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) external_id: Option<String>,
    pub(crate) model_name: Option<String>,
    pub(crate) turns: Vec<Value>,
}

impl Body {
    /// In bytes. Room for a long transcript; what its parts may hold at most would be a gigabyte.
    pub(crate) const LARGEST: usize = 16 * 1024 * 1024;

    /// A text of so many characters.
    pub(crate) fn text(
        &self,
        field: &str,
        lengths: RangeInclusive<usize>,
    ) -> Result<String, Error> {
        let text = self.0.get(field).and_then(Value::as_str);
        match text.filter(|text| lengths.contains(&text.chars().count())) {
            Some(text) => Ok(text.to_owned()),
            None => Err(Error::invalid(
                field,
                format!(
                    "`{field}` must be a text of {} to {} characters",
                    lengths.start(),
                    lengths.end()
                ),
            )),
        }
    }

    fn optional_text(&self, field: &str, most: usize) -> Result<Option<String>, Error> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.text(field, 1..=most).map(Some),
        }
    }

    pub(crate) fn transcript(&self) -> Result<Upload, Error> {
        Ok(Upload {
            name: self.text("name", 1..=500)?,
            external_id: self.optional_text("externalId", 255)?, // chosen
            model_name: self.optional_text("modelName", 100)?,
            turns: self.turns()?,
        })
    }

    fn turns(&self) -> Result<Vec<Value>, Error> {
        let turns = self.0.get("turns").and_then(Value::as_array);
        let turns = turns.filter(|turns| (1..=MOST_TURNS).contains(&turns.len()));
        let turns = turns.ok_or_else(|| {
            Error::invalid("turns", format!("`turns` must be a list of 1 to {MOST_TURNS}"))
        })?;
        for (index, turn) in turns.iter().enumerate() {
            let text = |field: &str| turn.get(field).and_then(Value::as_str);
            if !text("role").is_some_and(|role| ROLES.contains(&role)) {
                let field = format!("turns[{index}].role");
                let message = format!("`{field}` must be one of: {}", ROLES.join(", "));
                return Err(Error::invalid(field, message));
            }
            if text("content").is_none_or(|content| content.len() > LONGEST_CONTENT) {
                let field = format!("turns[{index}].content");
                let message = format!("`{field}` must be a text of at most 1 MB");
                return Err(Error::invalid(field, message));
            }
        }
        Ok(turns.clone())
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        // What is announced as too large is refused before it is read.
        if request.body().size_hint().lower() > Self::LARGEST as u64 {
            return Err(Error::too_large());
        }
        let message = match Json::from_request(request, state).await {
            Ok(Json(object)) => return Ok(Self(object)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Err(Error::too_large());
            }
            Err(JsonRejection::MissingJsonContentType(_)) => {
                "The body must come with `Content-Type: application/json`"
            }
            Err(JsonRejection::JsonDataError(_)) => "The body must be a JSON object",
            Err(_) => "The body is not valid JSON",
        };
        Err(Error::invalid("body", message))
    }
}
