//! What clients send, checked field by field: an error names the field that is wrong.

use axum::extract::{FromRequest, Request};
use keyward_examples::{BadJson, json_object};
use serde_json::{Map, Value};

use crate::answer::Error;

/// A JSON object.
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// In bytes.
    const LARGEST: usize = 64 * 1024;

    /// A text of 1 to 255 characters.
    pub(crate) fn text(&self, field: &str) -> Result<String, Error> {
        let text = self.0.get(field).and_then(Value::as_str);
        let text = text.filter(|text| (1..=255).contains(&text.chars().count()));
        let reason = "must be a text of 1 to 255 characters";
        text.map(str::to_owned).ok_or_else(|| Error::invalid(field, reason))
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        json_object(request, Self::LARGEST).await.map(Self).map_err(|error| match error {
            BadJson::TooLarge => Error::too_large(),
            _ => Error::invalid("body", &error.to_string()),
        })
    }
}
