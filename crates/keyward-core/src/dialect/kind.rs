use serde::Deserialize;

use super::Dialect;
use super::alphabet::{Alphabet, CHECKSUM_LENGTH, is_checksum};
use super::form::IssueForm;
use crate::key::ScopeSet;

/// Stands for a kind of one dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindId(u8);

impl KindId {
    pub(super) fn new(index: usize) -> Option<Self> {
        u8::try_from(index).ok().map(Self)
    }

    pub(super) fn index(self) -> usize {
        self.0.into()
    }
}

/// A class of keys that a prefix tells from others: secret, publishable, live, test.
#[derive(Debug)]
pub struct Kind {
    pub(super) name: Box<str>,
    pub(super) prefix: Box<str>,
    pub(super) issue: Option<IssueForm>,
    pub(super) accept: Accept,
    pub(super) environment: Environment,
    pub(super) grants: ScopeSet,
    pub(super) cap: Option<ScopeSet>,
}

/// Which of an application's data a key sees: the real, or those to try things out with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// The real ones.
    #[default]
    Live,
    /// Those of tests, apart from the real ones.
    Sandbox,
}

/// What may come after the prefix.
#[derive(Debug)]
pub(super) struct Accept {
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) alphabet: Alphabet,
    pub(super) checksum: bool,
}

/// A prefix by which a kind is known, its own or a legacy one.
pub(super) struct Prefix {
    pub(super) text: Box<str>,
    pub(super) kind: KindId,
}

/// What a text that may be a key looks like, before anybody asks a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// A well-formed key of this kind.
    Key(KindId),
    /// It has a kind's prefix, but the rest cannot be: wrong length, character or checksum.
    Malformed,
    /// It has no kind's prefix: a JWT, another system's key, junk.
    Unclaimed,
}

impl Kind {
    /// The name, which a record keeps.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What new keys begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether keys of this kind are issued, or only accepted.
    pub fn is_issued(&self) -> bool {
        self.issue.is_some()
    }

    /// Which data its keys see.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The scopes that every key of this kind has; they can be neither assigned nor listed.
    pub fn grants(&self) -> &ScopeSet {
        &self.grants
    }

    /// The only scopes that a key's own grant can give; `None` where any can.
    pub fn cap(&self) -> Option<&ScopeSet> {
        self.cap.as_ref()
    }
}

impl Accept {
    /// Whether a text whose first `prefix` bytes are a prefix can be a key.
    fn holds(&self, text: &[u8], prefix: usize) -> bool {
        let body = &text[prefix..];
        (self.min..=self.max).contains(&body.len())
            && self.alphabet.holds(body)
            && (!self.checksum
                || text
                    .split_last_chunk::<CHECKSUM_LENGTH>()
                    .is_some_and(|(before, end)| is_checksum(*end, before)))
    }
}

impl Dialect {
    /// Says what a text looks like. No allocation; junk of any length costs a look at its start.
    ///
    /// ```
    /// use keyward_core::dialect::{Dialect, Recognised};
    ///
    /// let bigspin = Dialect::bigspin();
    /// let secret = bigspin.kind_id("secret").unwrap();
    /// let legacy = b"sk-prism-api03-0123456789abcdef";
    /// assert_eq!(bigspin.recognise(legacy), Recognised::Key(secret));
    /// assert_eq!(bigspin.recognise(b"sk-prism-api03-"), Recognised::Malformed);
    /// assert_eq!(bigspin.recognise(b"sk_live_0123456789abcdef"), Recognised::Unclaimed);
    /// ```
    pub fn recognise(&self, text: &[u8]) -> Recognised {
        let prefixes = &self.0.prefixes;
        match prefixes.iter().find(|prefix| text.starts_with(prefix.text.as_bytes())) {
            None => Recognised::Unclaimed,
            Some(Prefix { text: prefix, kind }) => {
                if self.kind(*kind).accept.holds(text, prefix.len()) {
                    Recognised::Key(*kind)
                } else {
                    Recognised::Malformed
                }
            }
        }
    }
}
