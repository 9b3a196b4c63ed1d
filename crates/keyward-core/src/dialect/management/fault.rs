use std::fmt;

use serde_json::{Value, json};

/// Something wrong in a request: where, and what.
///
/// Codes and sentences are those of pydantic, which clients of many APIs know.
///
/// ```
/// use keyward_core::dialect::management::{Fault, FaultKind};
///
/// let fault = Fault::in_body(FaultKind::String).at("scopes").item(2);
/// assert_eq!(fault.field(), "scopes.2");
/// assert_eq!((fault.kind().code(), &*fault.kind().to_string()), ("string_type", "Input should be a valid string"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    place: &'static str,
    path: Vec<Value>,
    kind: FaultKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// It must be there.
    Missing,
    /// There is no such field.
    Unknown,
    /// The body is not JSON.
    NotJson,
    /// The body is not an object.
    NotObject,
    /// Not a text.
    String,
    /// A text of fewer characters.
    TooShort(usize),
    /// A text of more characters.
    TooLong(usize),
    /// Not one of these.
    OneOf(Vec<String>),
    /// Not a list.
    List,
    /// Not a boolean.
    Bool,
    /// Not an integer.
    Int,
    /// A number between integers.
    Fraction,
    /// A text in which no integer stands.
    IntText,
    /// An integer of too many digits.
    IntSize,
    /// An integer below this.
    AtLeast(u64),
    /// An integer above this.
    AtMost(u64),
    /// Not an instant's type.
    Instant,
    /// A text in which no instant stands.
    InstantText,
    /// An instant that is over.
    Past,
    /// Something else, in a sentence.
    Value(String),
}

impl Fault {
    /// A fault of the whole body.
    pub fn in_body(kind: FaultKind) -> Self {
        Self { place: "body", path: Vec::new(), kind }
    }

    /// A fault of the query.
    pub fn in_query(kind: FaultKind) -> Self {
        Self { place: "query", path: Vec::new(), kind }
    }

    /// Of this field or parameter.
    #[must_use]
    pub fn at(mut self, name: &str) -> Self {
        self.path.push(name.into());
        self
    }

    /// Of this item, counted from 0, or at this byte.
    #[must_use]
    pub fn item(mut self, index: usize) -> Self {
        self.path.push(index.into());
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// Where, with dots between: `scopes.2`, or `body` for all of it.
    pub fn field(&self) -> String {
        let step = |step: &Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
        match &*self.path {
            [] | [Value::Number(_)] => self.place.to_owned(),
            path => path.iter().map(step).collect::<Vec<_>>().join("."),
        }
    }

    /// Where, as a list that begins with `body` or `query`.
    pub fn location(&self) -> Value {
        let place = [json!(self.place)].into_iter();
        Value::Array(place.chain(self.path.iter().cloned()).collect())
    }
}

impl FaultKind {
    /// The word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unknown => "extra_forbidden",
            Self::NotJson => "json_invalid",
            Self::NotObject => "model_attributes_type",
            Self::String => "string_type",
            Self::TooShort(_) => "string_too_short",
            Self::TooLong(_) => "string_too_long",
            Self::OneOf(_) => "enum",
            Self::List => "list_type",
            Self::Bool => "bool_type",
            Self::Int => "int_type",
            Self::Fraction => "int_from_float",
            Self::IntText => "int_parsing",
            Self::IntSize => "int_parsing_size",
            Self::AtLeast(_) => "greater_than_equal",
            Self::AtMost(_) => "less_than_equal",
            Self::Instant => "datetime_type",
            Self::InstantText => "datetime_parsing",
            Self::Past => "datetime_future",
            Self::Value(_) => "value_error",
        }
    }
}

/// The sentence for people.
impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Missing => "Field required",
            Self::Unknown => "Extra inputs are not permitted",
            Self::NotJson => "JSON decode error",
            Self::NotObject => {
                "Input should be a valid dictionary or object to extract fields from"
            }
            Self::String => "Input should be a valid string",
            Self::List => "Input should be a valid list",
            Self::Bool => "Input should be a valid boolean",
            Self::Int => "Input should be a valid integer",
            Self::Fraction => {
                "Input should be a valid integer, got a number with a fractional part"
            }
            Self::IntText => {
                "Input should be a valid integer, unable to parse string as an integer"
            }
            Self::IntSize => "Unable to parse input string as an integer, exceeded maximum size",
            Self::Instant => "Input should be a valid datetime",
            Self::InstantText => "Input should be a valid datetime, such as 2026-01-06T10:00:00Z",
            Self::Past => "Input should be in the future",
            Self::TooShort(least) => &format!("String should have at least {}", characters(*least)),
            Self::TooLong(most) => &format!("String should have at most {}", characters(*most)),
            Self::OneOf(words) => &format!("Input should be {}", alternatives(words)),
            Self::AtLeast(least) => &format!("Input should be greater than or equal to {least}"),
            Self::AtMost(most) => &format!("Input should be less than or equal to {most}"),
            Self::Value(sentence) => &format!("Value error, {sentence}"),
        };
        f.write_str(sentence)
    }
}

fn characters(count: usize) -> String {
    format!("{count} character{}", if count == 1 { "" } else { "s" })
}

fn alternatives(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
