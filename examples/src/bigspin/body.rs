//! What clients send, checked field by field: an error names the field that is wrong.

use std::ops::RangeInclusive;

use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use super::answer::Error;
use crate::{BadJson, json_object};

const ROLES: [&str; 5] = ["user", "assistant", "system", "tool", "human_agent"];
const MOST_TURNS: usize = 1_000;
/// In bytes.
const LONGEST_CONTENT: usize = 1_000_000;

/// A JSON object.
pub(super) struct Body(Map<String, Value>);

/// A transcript as it is uploaded.
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) external_id: Option<String>,
    pub(super) model_name: Option<String>,
    pub(super) turns: Vec<Value>,
}

impl Body {
    /// In bytes. Room for a long transcript; what its parts may hold at most would be a gigabyte.
    const LARGEST: usize = 16 * 1024 * 1024;

    /// A text of so many characters.
    pub(super) fn text(
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

    pub(super) fn transcript(&self) -> Result<Upload, Error> {
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

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let object = json_object(request, Self::LARGEST).await;
        object.map(Self).map_err(|error| match error {
            BadJson::TooLarge => Error::too_large(),
            _ => Error::invalid("body", error.to_string()),
        })
    }
}
