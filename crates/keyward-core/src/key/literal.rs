use super::expression::{ExpressionError, check_expression};

/// A text that is a type: what `RequireScope<"projects-read">` becomes on stable Rust.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a text that is a type",
    label = "write the text itself, such as `RequireScope<\"projects-read\">`, under `#[scoped]`"
)]
pub trait Literal: Send + Sync + 'static {
    /// The text.
    const NAME: &'static str;
}

/// Up to 128 bytes of text, packed into const generics: sixteen little-endian bytes a word.
///
/// Written by [`scope!`](https://docs.rs/keyward/latest/keyward/macro.scope.html) or `#[scoped]`,
/// seldom by hand. Two uses of one text are one type. A text that is not a scope expression does
/// not compile.
///
/// ```
/// use keyward_core::key::{Literal, Str};
///
/// type Read = Str<4, { u128::from_le_bytes(*b"read\0\0\0\0\0\0\0\0\0\0\0\0") }>;
/// assert_eq!(Read::NAME, "read");
/// ```
///
/// ```compile_fail
/// use keyward_core::key::{Literal, Str};
///
/// type Empty = Str<0>;
/// assert_eq!(Empty::NAME, "");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Str<
    const LEN: usize,
    const A: u128 = 0,
    const B: u128 = 0,
    const C: u128 = 0,
    const D: u128 = 0,
    const E: u128 = 0,
    const F: u128 = 0,
    const G: u128 = 0,
    const H: u128 = 0,
>;

impl<
    const LEN: usize,
    const A: u128,
    const B: u128,
    const C: u128,
    const D: u128,
    const E: u128,
    const F: u128,
    const G: u128,
    const H: u128,
> Str<LEN, A, B, C, D, E, F, G, H>
{
    const BYTES: [u8; LEN] = unpack([A, B, C, D, E, F, G, H]);
}

impl<
    const LEN: usize,
    const A: u128,
    const B: u128,
    const C: u128,
    const D: u128,
    const E: u128,
    const F: u128,
    const G: u128,
    const H: u128,
> Literal for Str<LEN, A, B, C, D, E, F, G, H>
{
    const NAME: &'static str = checked(&Self::BYTES);
}

const fn unpack<const LEN: usize>(words: [u128; 8]) -> [u8; LEN] {
    assert!(LEN <= 128, "a scope expression has at most 128 bytes");
    let mut bytes = [0; LEN];
    let mut index = 0;
    while index < LEN {
        bytes[index] = words[index / 16].to_le_bytes()[index % 16];
        index += 1;
    }
    bytes
}

#[expect(clippy::panic, reason = "evaluated by the compiler: the panic is the compile error")]
const fn checked(bytes: &'static [u8]) -> &'static str {
    let Ok(text) = std::str::from_utf8(bytes) else {
        panic!("a scope holds a character outside RFC 6749's scope-token");
    };
    match check_expression(text) {
        Ok(()) => text,
        Err(ExpressionError::Empty) => {
            panic!("an alternative is empty: name at least one scope on each side of ` | `")
        }
        Err(ExpressionError::Character) => {
            panic!("a scope holds a character outside RFC 6749's scope-token")
        }
    }
}
