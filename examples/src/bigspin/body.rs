//! What clients send, checked field by field: an error names the field that is wrong.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::answer::Error;
use crate::BadJson;

const ROLES: [&str; 5] = ["user", "assistant", "system", "tool", "human_agent"];
const MOST_TURNS: usize = 1_000;
/// In bytes.
const LONGEST_CONTENT: usize = 1_000_000;

/// A JSON object.
pub(super) struct Body(pub(super) Map<String, Value>);

/// A transcript as it is uploaded.
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) external_id: Option<String>,
    pub(super) model_name: Option<String>,
    pub(super) turns: Vec<Value>,
}

impl Body {
    /// In bytes. Room for a long transcript; what its parts may hold at most would be a gigabyte.
    pub(super) const LARGEST: usize = 16 * 1024 * 1024;

    /// The name of a project.
    pub(super) fn name(&self) -> Result<String, Error> {
        self.text("name", 1..=500)
    }

    /// The project that a transcript belongs to, where its path does not say that.
    pub(super) fn project(&self) -> Result<String, Error> {
        self.text("projectId", 1..=100)
    }

    pub(super) fn transcript(&self) -> Result<Upload, Error> {
        Ok(Upload {
            name: self.text("name", 1..=500)?,
            external_id: self.optional_text("externalId", 255)?, // chosen
            model_name: self.optional_text("modelName", 100)?,
            turns: self.turns()?,
        })
    }

    /// A text of so many characters.
    fn text(&self, field: &str, lengths: RangeInclusive<usize>) -> Result<String, Error> {
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

impl From<BadJson> for Error {
    fn from(error: BadJson) -> Self {
        match error {
            BadJson::TooLarge => Self::too_large(),
            _ => Self::invalid("body", error.to_string()),
        }
    }
}
