//! What clients send, checked field by field: an error names the field that is wrong.

use axum::extract::{FromRequest, Request};
use keyward_examples::{BadJson, json_object};
use serde_json::{Map, Value};

use crate::answer::Error;

/// A JSON object.
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// In bytes.
    const LARGEST: usize = 256 * 1024;
    /// In characters.
    const LONGEST_NAME: usize = 255;
    const LONGEST_DESCRIPTION: usize = 10_000;

    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    pub(crate) fn name(&self) -> Result<String, Error> {
        let name = match self.text("name", Self::LONGEST_NAME)? {
            Some(name) if !name.trim().is_empty() => name,
            _ => return Err(Error::invalid("The 'name' field is required.")),
        };
        Ok(name)
    }

    pub(crate) fn description(&self) -> Result<Option<String>, Error> {
        self.text("description", Self::LONGEST_DESCRIPTION)
    }

    fn text(&self, field: &str, most: usize) -> Result<Option<String>, Error> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text.clone())),
            Some(_) => {
                let message =
                    format!("The '{field}' field must be a text of at most {most} characters.");
                Err(Error::invalid(message))
            }
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        json_object(request, Self::LARGEST).await.map(Self).map_err(|error| match error {
            BadJson::TooLarge => Error::too_large(error.to_string()),
            BadJson::NoObject => Error::invalid(error.to_string()),
            BadJson::OtherType | BadJson::Malformed => Error::unreadable(error.to_string()),
        })
    }
}
