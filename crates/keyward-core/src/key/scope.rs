use std::fmt;
use std::str::FromStr;

use super::expression::{check_expression, holds, tokens};

/// The name of a permission: a scope-token of RFC 6749 §3.3 that holds no `|`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Box<str>);

/// A text that cannot be the name of a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope: use printable ASCII without spaces, quotes, backslashes and `|`")]
pub struct InvalidScope(String);

impl Scope {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(name: &str) -> Result<Self, InvalidScope> {
        if check_expression(name).is_ok() && !name.contains([' ', '|']) {
            Ok(Self(name.into()))
        } else {
            Err(InvalidScope(name.escape_default().to_string()))
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of scopes, in order of their names. Empty, it grants nothing.
///
/// Kept as one text with a space between names, the form of OAuth's `scope` parameter: a set of
/// the usual two or three is one small allocation, and looking through it beats hashing.
///
/// ```
/// use keyward_core::key::ScopeSet;
///
/// let set: ScopeSet = "projects-write projects-read".parse()?;
/// assert_eq!(set.to_string(), "projects-read projects-write");
/// assert!(set.contains("projects-read"));
/// assert!(!set.contains("projects"));
/// # Ok::<(), keyward_core::key::InvalidScope>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(Box<str>);

impl ScopeSet {
    /// Whether the set holds this scope.
    pub fn contains(&self, scope: &str) -> bool {
        holds(&self.0, scope)
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        tokens(&self.0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every scope of this set is in the other.
    pub fn is_subset(&self, of: &Self) -> bool {
        self.iter().all(|scope| of.contains(scope))
    }

    /// The scopes with a space between them.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut names: Vec<Scope> = scopes.into_iter().collect();
        names.sort();
        names.dedup();
        let names: Vec<&str> = names.iter().map(Scope::as_str).collect();
        Self(names.join(" ").into())
    }
}

impl FromStr for ScopeSet {
    type Err = InvalidScope;

    /// Reads scopes with spaces between them, in any order; the empty text is the empty set.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        tokens(text).map(Scope::from_str).collect()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a key may do. "Everything" is spelled: an absent or empty list never means it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Grant {
    /// Every scope there is or will be.
    All,
    /// These and no others.
    Only(ScopeSet),
}

impl Grant {
    /// Whether the grant holds this scope by name; what satisfies a scope is the dialect's to say.
    pub fn contains(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(set) => set.contains(scope),
        }
    }

    /// Whether it grants nothing at all.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Only(set) if set.is_empty())
    }
}
