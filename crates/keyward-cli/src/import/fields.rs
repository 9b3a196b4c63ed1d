use keyward::clock::Timestamp;
use keyward::key::KeyId;
use serde_json::{Map, Value};

use super::faults::Fault;

/// What a record says, field by field. What is taken from it is gone.
pub(super) struct Fields(pub(super) Map<String, Value>);

/// Everything, or these.
pub(super) enum Words {
    All,
    Only(Vec<String>),
}

impl Fields {
    /// A field that says something.
    pub(super) fn value(&mut self, field: &str) -> Option<Value> {
        self.0.swap_remove(field).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<Option<String>, Fault> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Fault::of(field, "write a text")),
        }
    }

    pub(super) fn id(&mut self, field: &'static str) -> Result<Option<KeyId>, Fault> {
        Ok(self.text(field)?.map(KeyId::new))
    }

    pub(super) fn instant(&mut self, field: &'static str) -> Result<Option<Timestamp>, Fault> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let wrong = "write an instant as 2026-01-06T10:00:00Z";
        Timestamp::from_rfc3339(&text).map(Some).ok_or_else(|| Fault::of(field, wrong))
    }

    pub(super) fn words(&mut self, field: &'static str) -> Result<Option<Words>, Fault> {
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            _ => None,
        };
        let words = match self.value(field) {
            None => return Ok(None),
            Some(Value::String(word)) if word == "all" => Some(Words::All),
            Some(Value::Array(values)) => {
                values.into_iter().map(text).collect::<Option<Vec<_>>>().map(Words::Only)
            }
            Some(_) => None,
        };
        words.map(Some).ok_or_else(|| Fault::of(field, "write \"all\", or a list of texts"))
    }

    /// What nobody has taken has no meaning.
    pub(super) fn end(self) -> Result<(), Fault> {
        let Some(field) = self.0.keys().next() else { return Ok(()) };
        let shown: String = field.escape_default().take(60).collect();
        Err(Fault::new(format!("there is no field `{shown}`")))
    }
}
