//! What clients send, checked field by field: an error names the field that is wrong.

use axum::body::HttpBody;
use axum::extract::{FromRequest, Request};
use keyward_examples::{BadJson, json_object};
use serde_json::{Map, Value};

use crate::answer::Error;

/// A JSON object; an empty one where no body was sent.
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// In bytes.
    const LARGEST: usize = 256 * 1024;

    /// An object that may be left out.
    pub(crate) fn object(mut self, field: &'static str) -> Result<Map<String, Value>, Error> {
        match self.0.remove(field) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object),
            Some(_) => {
                Err(Error::body(Some(field), "Input should be a valid dictionary", "dict_type"))
            }
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        if request.body().is_end_stream() {
            return Ok(Self(Map::new()));
        }
        json_object(request, Self::LARGEST).await.map(Self).map_err(|error| match error {
            BadJson::TooLarge => Error::too_large(),
            BadJson::Malformed => Error::body(None, "JSON decode error", "json_invalid"),
            BadJson::OtherType | BadJson::NoObject => {
                let message = "Input should be a valid dictionary or object to extract fields from";
                Error::body(None, message, "model_attributes_type")
            }
        })
    }
}
