use std::fmt;

use zeroize::Zeroizing;

/// The secret that a client sends.
///
/// It can be neither cloned nor serialised, prints as `PlainKey(..)`, and is wiped from memory
/// when dropped. It leaves keyward in two answers only: those to `create` and to `rotate`.
///
/// ```
/// use keyward_core::key::PlainKey;
///
/// let key = PlainKey::new("sk-bigspin-api03-secret".to_owned());
/// assert_eq!(format!("{key:?}"), "PlainKey(..)");
/// assert_eq!(key.expose(), "sk-bigspin-api03-secret");
/// ```
pub struct PlainKey(Zeroizing<String>);

impl PlainKey {
    /// Takes over the text of a key.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Every call is a place to look at when secrets leak.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainKey(..)")
    }
}
