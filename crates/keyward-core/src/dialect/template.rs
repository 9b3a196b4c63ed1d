use std::borrow::Cow;

use serde_json::Value;

/// A JSON body with placeholders, cut once into what is copied and what is filled in.
///
/// Outside a string a placeholder is a JSON value; inside one it is text, escaped.
#[derive(Debug, Clone)]
pub(super) struct Template<P>(Vec<Segment<P>>);

#[derive(Debug, Clone)]
enum Segment<P> {
    Literal(Box<str>),
    Value(P),
    Text(P),
}

/// What may stand between `{{` and `}}`.
pub(super) trait Placeholder: Copy + PartialEq + 'static {
    /// Two extreme fillings: a template that is JSON with both is so by no accident.
    fn sample(self, wide: bool) -> Piece<'static>;
}

/// The placeholders that a template may have, by their names.
pub(super) type Names<P> = &'static [(&'static str, P)];

/// What a placeholder stands for in one response.
pub(super) enum Piece<'a> {
    Null,
    Bool(bool),
    Number(u64),
    Text(Cow<'a, str>),
    /// JSON as it stands: never inside a string.
    Json(Vec<u8>),
}

impl Piece<'_> {
    pub(super) fn json(value: &Value) -> Self {
        Self::Json(value.to_string().into_bytes())
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Piece<'a> {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

impl<P: Placeholder> Template<P> {
    /// Cuts a text at its placeholders.
    ///
    /// # Errors
    /// A sentence, when a placeholder is unknown or not closed, or the text is not JSON when filled.
    pub(super) fn compile(text: &str, names: Names<P>) -> Result<Self, String> {
        let mut pieces = text.split("{{");
        let first = pieces.next().unwrap_or_default();
        let mut quoted = ends_quoted(first, false);
        let mut segments = vec![Segment::Literal(first.into())];
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            let (name, rest) = piece.split_at(end.unwrap_or(piece.len()));
            let Some(rest) = rest.strip_prefix("}}") else {
                return Err("a `{{` is not closed: write for example `{{request_id}}`".to_owned());
            };
            let placeholder = named(name, names)?;
            segments.push(if quoted {
                Segment::Text(placeholder)
            } else {
                Segment::Value(placeholder)
            });
            quoted = ends_quoted(rest, quoted);
            segments.push(Segment::Literal(rest.into()));
        }
        let template = Self(segments);
        template.check_json()?;
        Ok(template)
    }

    fn check_json(&self) -> Result<(), String> {
        for wide in [true, false] {
            let body = self.render(|placeholder| placeholder.sample(wide));
            if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&body) {
                return Err(format!("the body is not JSON when it is filled in: {error}"));
            }
        }
        Ok(())
    }

    /// Whether the template shows this.
    pub(super) fn has(&self, wanted: P) -> bool {
        self.0.iter().any(|segment| match segment {
            Segment::Literal(_) => false,
            Segment::Value(placeholder) | Segment::Text(placeholder) => *placeholder == wanted,
        })
    }

    pub(super) fn render<'a>(&self, fill: impl Fn(P) -> Piece<'a>) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.0.len() * 64);
        for segment in &self.0 {
            match segment {
                Segment::Literal(text) => body.extend_from_slice(text.as_bytes()),
                Segment::Value(placeholder) => match fill(*placeholder) {
                    Piece::Null => body.extend_from_slice(b"null"),
                    Piece::Text(text) => {
                        body.push(b'"');
                        push_escaped(&mut body, &text);
                        body.push(b'"');
                    }
                    piece => push_plain(&mut body, &piece),
                },
                Segment::Text(placeholder) => match fill(*placeholder) {
                    Piece::Text(text) => push_escaped(&mut body, &text),
                    piece => push_plain(&mut body, &piece),
                },
            }
        }
        body
    }
}

fn named<P: Copy>(name: &str, names: Names<P>) -> Result<P, String> {
    if let Some((_, placeholder)) = names.iter().find(|(known, _)| *known == name) {
        return Ok(*placeholder);
    }
    let names: Vec<String> = names.iter().map(|(name, _)| format!("`{{{{{name}}}}}`")).collect();
    let known = match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    };
    Err(format!("`{{{{{name}}}}}` is no placeholder: there are {known}"))
}

/// Whether a text ends inside a JSON string.
fn ends_quoted(text: &str, mut quoted: bool) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    quoted
}

/// What looks the same inside a string and outside; nothing is no text.
fn push_plain(body: &mut Vec<u8>, piece: &Piece<'_>) {
    match piece {
        Piece::Null | Piece::Text(_) => {}
        Piece::Bool(value) => body.extend_from_slice(if *value { b"true" } else { b"false" }),
        Piece::Number(value) => body.extend_from_slice(value.to_string().as_bytes()),
        Piece::Json(json) => body.extend_from_slice(json),
    }
}

/// Appends a text as it stands inside a JSON string.
fn push_escaped(body: &mut Vec<u8>, text: &str) {
    let plain = |byte: &u8| !byte.is_ascii_control() && !matches!(byte, b'"' | b'\\');
    if text.as_bytes().iter().all(plain) {
        body.extend_from_slice(text.as_bytes());
    } else {
        let quoted = Value::from(text).to_string();
        body.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
    }
}
