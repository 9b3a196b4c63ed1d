use crate::clock::Timestamp;

/// A body with placeholders, cut once into what is copied and what is filled in.
#[derive(Debug)]
pub(super) struct Template(Vec<Segment>);

#[derive(Debug)]
enum Segment {
    Literal(Box<str>),
    RequestId,
    Timestamp,
    RetryAfter,
}

/// What the placeholders stand for in one response.
#[derive(Clone, Copy)]
pub(super) struct Fill<'a> {
    pub(super) request_id: &'a str,
    pub(super) now: Timestamp,
    pub(super) retry_after: u32,
}

impl Template {
    /// Cuts a text at its placeholders.
    ///
    /// # Errors
    /// A sentence, when a placeholder is unknown or not closed, or the text is not JSON when filled.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        let mut pieces = text.split("{{");
        let mut segments = vec![Segment::Literal(pieces.next().unwrap_or_default().into())];
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            let (name, rest) = piece.split_at(end.unwrap_or(piece.len()));
            let Some(rest) = rest.strip_prefix("}}") else {
                return Err("a `{{` is not closed: write for example `{{request_id}}`".to_owned());
            };
            segments.push(match name {
                "request_id" => Segment::RequestId,
                "timestamp" => Segment::Timestamp,
                "retry_after" => Segment::RetryAfter,
                _ => {
                    return Err(format!(
                        "`{{{{{name}}}}}` is no placeholder: there are `{{{{request_id}}}}`, \
                         `{{{{timestamp}}}}` and `{{{{retry_after}}}}`"
                    ));
                }
            });
            segments.push(Segment::Literal(rest.into()));
        }
        let template = Self(segments);
        template.check_json()?;
        Ok(template)
    }

    /// Fills the template in two extreme ways, so that it is JSON by no accident: a placeholder
    /// outside a string or after a backslash is not.
    fn check_json(&self) -> Result<(), String> {
        let wide = Fill { request_id: "-", now: Timestamp::from_millis(0), retry_after: u32::MAX };
        let empty = Fill { request_id: "", now: Timestamp::from_millis(i64::MAX), retry_after: 0 };
        for fill in [wide, empty] {
            if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&self.render(fill))
            {
                return Err(format!("the body is not JSON when it is filled in: {error}"));
            }
        }
        Ok(())
    }

    pub(super) fn render(&self, fill: Fill<'_>) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.0.len() * 64);
        for segment in &self.0 {
            match segment {
                Segment::Literal(text) => body.extend_from_slice(text.as_bytes()),
                Segment::RequestId => push_escaped(&mut body, fill.request_id),
                Segment::Timestamp => body.extend_from_slice(fill.now.to_rfc3339().as_bytes()),
                Segment::RetryAfter => {
                    body.extend_from_slice(fill.retry_after.to_string().as_bytes());
                }
            }
        }
        body
    }
}

/// Appends a text as it stands inside a JSON string.
fn push_escaped(body: &mut Vec<u8>, text: &str) {
    let plain = |byte: &u8| !byte.is_ascii_control() && !matches!(byte, b'"' | b'\\');
    if text.as_bytes().iter().all(plain) {
        body.extend_from_slice(text.as_bytes());
    } else {
        let quoted = serde_json::Value::from(text).to_string();
        body.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
    }
}
