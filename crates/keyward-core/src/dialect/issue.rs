use std::error::Error;

use rand::TryRng;
use rand::rngs::{SysError, SysRng};
use zeroize::Zeroizing;

use super::alphabet::{Alphabet, CHECKSUM_LENGTH, checksum};
use super::{Dialect, KindId};
use crate::key::PlainKey;

/// Why no key could be issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// Keys of this kind come from elsewhere.
    #[error("keys of the kind `{0}` are only accepted, never issued: name another kind")]
    OnlyAccepted(Box<str>),
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness: try again")]
    Randomness(#[source] Box<dyn Error + Send + Sync>),
}

impl Dialect {
    /// Makes a new key: the kind's prefix, a random body from the operating system, a checksum
    /// where the kind has one.
    ///
    /// # Errors
    /// When the kind is only accepted, or the operating system has no randomness.
    pub fn issue(&self, kind: KindId) -> Result<PlainKey, IssueError> {
        let kind = self.kind(kind);
        let Some(issue) = &kind.issue else {
            return Err(IssueError::OnlyAccepted(kind.name.clone()));
        };
        let (alphabet, length) = (issue.alphabet, issue.length);
        // Long enough from the start: a text that grows leaves copies of the secret behind.
        let capacity = kind.prefix.len() + length + CHECKSUM_LENGTH;
        let mut text = Zeroizing::new(String::with_capacity(capacity));
        text.push_str(&kind.prefix);
        push_random(&mut text, alphabet, length)
            .map_err(|error| IssueError::Randomness(error.into()))?;
        if kind.accept.checksum {
            let sum = checksum(text.as_bytes());
            text.extend(sum.map(char::from));
        }
        Ok(PlainKey::new(std::mem::take(&mut *text)))
    }
}

/// Appends random characters. A byte beyond the last whole multiple of the alphabet is thrown
/// away, so that no character is likelier than another.
fn push_random(text: &mut String, alphabet: Alphabet, length: usize) -> Result<(), SysError> {
    let characters = alphabet.characters();
    let fair = 256 - 256 % characters.len();
    let mut missing = length;
    let mut bytes = Zeroizing::new([0; 64]);
    while missing > 0 {
        SysRng.try_fill_bytes(&mut *bytes)?;
        let drawn = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        for byte in drawn.take(missing) {
            text.push(char::from(characters[byte % characters.len()]));
            missing -= 1;
        }
    }
    Ok(())
}
