/// A closed list of an application's scopes; `#[derive(Scope)]` on an enum writes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a catalogue of scopes",
    label = "no catalogue",
    note = "write `#[derive(keyward::Scope)]` on the enum that names the scopes"
)]
pub trait Catalogue {
    /// Names and descriptions, in the order of declaration.
    const SCOPES: &'static [(&'static str, &'static str)];
}

/// Stops the compiler where an expression names scopes that `C`, called `catalogue`, lacks.
#[doc(hidden)]
#[track_caller]
pub const fn assert_declared<C: Catalogue>(catalogue: &str, expression: &str) {
    let mut message = Message { bytes: [0; 1024], length: 0 };
    let mut rest = expression.as_bytes();
    while !rest.is_empty() {
        let (scope, after) = split_token(rest);
        rest = after;
        if matches!(scope, [] | [b'|']) || contains(C::SCOPES, scope) {
            continue;
        }
        if message.length > 0 {
            message.push(b"; ");
        }
        message.push(b"`");
        message.push(scope);
        message.push(b"` is not a scope of `");
        message.push(catalogue.as_bytes());
        message.push(b"`");
        if let Some(near) = nearest(C::SCOPES, scope) {
            message.push(b": did you mean `");
            message.push(near.as_bytes());
            message.push(b"`?");
        }
    }
    assert!(message.length == 0, "{}", message.as_str());
}

/// A text put together in const evaluation, where nothing can be allocated.
struct Message {
    bytes: [u8; 1024],
    length: usize,
}

impl Message {
    /// Adds the text, or nothing where it would not fit.
    const fn push(&mut self, text: &[u8]) {
        if text.len() <= self.bytes.len() - self.length {
            let (_, free) = self.bytes.split_at_mut(self.length);
            free.split_at_mut(text.len()).0.copy_from_slice(text);
            self.length += text.len();
        }
    }

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "a scope is not in its catalogue",
        }
    }
}

/// The bytes up to a space, and those after it.
const fn split_token(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut index = 0;
    while index < bytes.len() {
        if bytes[index] == b' ' {
            return (bytes.split_at(index).0, bytes.split_at(index + 1).1);
        }
        index += 1;
    }
    (bytes, &[])
}

const fn contains(scopes: &[(&str, &str)], scope: &[u8]) -> bool {
    let mut index = 0;
    while index < scopes.len() {
        if equal(scopes[index].0.as_bytes(), scope) {
            return true;
        }
        index += 1;
    }
    false
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// The name that the fewest edits lead to, if they are few for a text of that length.
const fn nearest<'a>(scopes: &[(&'a str, &str)], scope: &[u8]) -> Option<&'a str> {
    const SWAPPED_LETTERS: usize = 2;
    let mut best = max(scope.len() / 4, SWAPPED_LETTERS) + 1;
    let mut near = None;
    let mut index = 0;
    while index < scopes.len() {
        let name = scopes[index].0;
        if name.len().abs_diff(scope.len()) < best {
            let edits = distance(name.as_bytes(), scope);
            if edits < best {
                best = edits;
                near = Some(name);
            }
        }
        index += 1;
    }
    near
}

/// The Levenshtein distance; far for a text that is longer than any literal.
const fn distance(a: &[u8], b: &[u8]) -> usize {
    const LONGEST: usize = 128;
    if b.len() > LONGEST {
        return usize::MAX;
    }
    let mut row = [0; LONGEST + 1];
    let mut column = 0;
    while column <= b.len() {
        row[column] = column;
        column += 1;
    }
    let mut line = 0;
    while line < a.len() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        column = 0;
        while column < b.len() {
            let replaced = diagonal + (a[line] != b[column]) as usize;
            diagonal = row[column + 1];
            row[column + 1] = min(replaced, min(row[column], diagonal) + 1);
            column += 1;
        }
        line += 1;
    }
    row[b.len()]
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn max(a: usize, b: usize) -> usize {
    if a < b { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance(b"projects-read", b"projects-read"), 0);
        assert_eq!(distance(b"projects-read", b"projects-raed"), 2);
        assert_eq!(distance(b"projects-read", b"project-read"), 1);
        assert_eq!(distance(b"read", b"projects-read"), 9);
        assert_eq!(distance(b"write", b"read"), 4);
        assert_eq!(distance(b"", b""), 0);
    }

    #[test]
    fn the_nearest_name_is_proposed_and_a_distant_one_is_not() {
        const SCOPES: &[(&str, &str)] = &[("projects-read", ""), ("projects-write", "")];
        assert_eq!(nearest(SCOPES, b"projects-raed"), Some("projects-read"));
        assert_eq!(nearest(SCOPES, b"project-writ"), Some("projects-write"));
        assert_eq!(nearest(SCOPES, b"projects-delete"), None);
        assert_eq!(nearest(SCOPES, &[b'a'; 200]), None);
    }

    #[test]
    fn a_message_keeps_whole_texts_only() {
        let mut message = Message { bytes: [0; 1024], length: 0 };
        message.push(&[b'a'; 1020]);
        message.push("zu viel für den Rest".as_bytes());
        message.push(b"ende");
        assert!(message.as_str().ends_with("aende"));
    }
}
