//! What clients send, checked field by field: an error names the field that is wrong.

use serde_json::{Map, Value};

use super::answer::Error;

/// A JSON object.
pub(super) struct Body(pub(super) Map<String, Value>);

impl Body {
    /// In bytes.
    pub(super) const LARGEST: usize = 64 * 1024;

    /// The name of a file.
    pub(super) fn filename(&self) -> Result<String, Error> {
        self.text("filename")
    }

    /// A text of 1 to 255 characters.
    fn text(&self, field: &str) -> Result<String, Error> {
        let text = self.0.get(field).and_then(Value::as_str);
        let text = text.filter(|text| (1..=255).contains(&text.chars().count()));
        let reason = "must be a text of 1 to 255 characters";
        text.map(str::to_owned).ok_or_else(|| Error::invalid(field, reason))
    }
}
