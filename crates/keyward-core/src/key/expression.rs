//! What a route asks for: `"a b"` is both, as in OAuth; `"a b | c"` is both of the first, or `c`.

/// Why a scope expression cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// Nothing, or an alternative of nothing.
    #[error("an alternative is empty: name at least one scope on each side of ` | `")]
    Empty,
    /// A byte outside the scope-token of RFC 6749 §3.3 (`!`, `#` to `[`, `]` to `~`).
    #[error("a scope holds a character outside RFC 6749's scope-token")]
    Character,
}

/// Checks an expression; `const`, so that a literal is checked by the compiler.
///
/// # Errors
/// [`ExpressionError`] says which rule it breaks.
///
/// ```
/// use keyward_core::key::check_expression;
///
/// assert!(check_expression("projects-read projects-write | admin").is_ok());
/// assert!(check_expression("").is_err());
/// assert!(check_expression("read |").is_err());
/// assert!(check_expression("r\"ead").is_err());
/// ```
pub const fn check_expression(expression: &str) -> Result<(), ExpressionError> {
    let bytes = expression.as_bytes();
    let mut index = 0;
    let mut named = false;
    while index < bytes.len() {
        match bytes[index] {
            b' ' => {}
            b'|' => {
                let before = index == 0 || bytes[index - 1] == b' ';
                let after = index + 1 == bytes.len() || bytes[index + 1] == b' ';
                if !before || !after {
                    return Err(ExpressionError::Character);
                }
                if !named {
                    return Err(ExpressionError::Empty);
                }
                named = false;
            }
            0x21 | 0x23..=0x5b | 0x5d..=0x7e => named = true,
            _ => return Err(ExpressionError::Character),
        }
        index += 1;
    }
    if named { Ok(()) } else { Err(ExpressionError::Empty) }
}

/// Whether `holds` is true for every scope of at least one alternative.
///
/// ```
/// use keyward_core::key::satisfied;
///
/// assert!(satisfied("read write | admin", |scope| scope == "admin"));
/// assert!(!satisfied("read write | admin", |scope| scope == "read"));
/// ```
pub fn satisfied(expression: &str, holds: impl Fn(&str) -> bool) -> bool {
    let mut all = true;
    let mut named = false;
    for token in tokens(expression) {
        if token == "|" {
            if named && all {
                return true;
            }
            (all, named) = (true, false);
        } else {
            named = true;
            all = all && holds(token);
        }
    }
    named && all
}

/// The first alternative, as a challenge shows it.
pub fn first_alternative(expression: &str) -> &str {
    expression.split(" | ").next().unwrap_or(expression).trim()
}

/// The words between spaces. By bytes: two or three short words are faster so than by `str::split`.
pub(crate) fn tokens(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        while !text.is_empty() {
            let end = text.bytes().position(|byte| byte == b' ').unwrap_or(text.len());
            let (token, rest) = text.split_at(end);
            text = rest.get(1..).unwrap_or_default();
            if !token.is_empty() {
                return Some(token);
            }
        }
        None
    })
}

/// Whether one of the words between spaces is this one.
pub(crate) fn holds(mut words: &str, word: &str) -> bool {
    while !words.is_empty() {
        match words.strip_prefix(word) {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => return !word.is_empty(),
            _ => words = words.split_once(' ').map_or("", |(_, rest)| rest),
        }
    }
    false
}
