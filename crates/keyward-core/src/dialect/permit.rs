use super::{Dialect, KindId};
use crate::key::{Grant, ScopeSet, holds, satisfied, tokens};

/// A scope of the catalogue.
#[derive(Debug)]
pub struct ScopeRule {
    pub(super) name: Box<str>,
    pub(super) description: Box<str>,
    pub(super) satisfied_by: ScopeSet,
}

impl ScopeRule {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it allows, for people.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The scopes that do as well where this one is asked for.
    pub fn satisfied_by(&self) -> &ScopeSet {
        &self.satisfied_by
    }
}

/// A [`Grant`] as a cache keeps it: borrowed, the scopes with a space between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantView<'a> {
    /// Every scope there is or will be.
    All,
    /// These and no others.
    Only(&'a str),
}

impl GrantView<'_> {
    /// Whether the grant holds this scope by name.
    pub fn contains(self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => holds(scopes, scope),
        }
    }
}

impl<'a> From<&'a Grant> for GrantView<'a> {
    fn from(grant: &'a Grant) -> Self {
        match grant {
            Grant::All => Self::All,
            Grant::Only(scopes) => Self::Only(scopes.as_str()),
        }
    }
}

/// A scope that nobody can give to a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnassignableScope {
    /// The catalogue has no such scope.
    #[error("`{0}` is not a scope of this API: choose one of its catalogue")]
    Unknown(String),
    /// It comes with the kind of the key.
    #[error("`{0}` comes with this kind of key and cannot be assigned: leave it out")]
    OfKind(String),
    /// The kind of the key can do nothing with it.
    #[error("`{0}` is more than this kind of key can have: leave it out")]
    BeyondKind(String),
}

impl Dialect {
    /// The catalogue of scopes; empty where an API has not listed its scopes.
    pub fn scopes(&self) -> impl Iterator<Item = &ScopeRule> {
        self.0.scopes.iter()
    }

    /// Whether a key of this kind with this grant has what a scope expression asks for.
    ///
    /// ```
    /// use keyward_core::dialect::{Dialect, GrantView};
    ///
    /// let bigspin = Dialect::bigspin();
    /// let secret = bigspin.kind_id("secret").unwrap();
    /// let legacy = GrantView::Only("halfpipe-transcripts-write");
    /// assert!(bigspin.permits(secret, legacy, "projects-write"));
    /// assert!(!bigspin.permits(secret, legacy, "projects-read projects-write"));
    /// ```
    pub fn permits(&self, kind: KindId, grant: GrantView<'_>, wanted: &str) -> bool {
        let kind = self.kind(kind);
        satisfied(wanted, |scope| {
            kind.grants.contains(scope)
                || (kind.cap.as_ref().is_none_or(|cap| cap.contains(scope))
                    && (grant.contains(scope) || self.is_satisfied_by(scope, grant)))
        })
    }

    /// All that a key of this kind can do with this grant: also by the scopes that come with its
    /// kind and by those that others satisfy, and without what is beyond its kind.
    ///
    /// ```
    /// use keyward_core::dialect::{Dialect, GrantView};
    /// use keyward_core::key::Grant;
    ///
    /// let scribe = Dialect::scribe_sight();
    /// let [secret, publishable] = ["secret", "publishable"].map(|kind| scribe.kind_id(kind).unwrap());
    /// let effective = |kind, grant| scribe.effective_grant(kind, grant);
    /// assert_eq!(effective(secret, GrantView::All), Grant::All);
    /// let all = Grant::Only("read write".parse()?);
    /// assert_eq!(effective(secret, GrantView::Only("write")), all);
    /// let upload = Grant::Only("upload-initiate".parse()?);
    /// assert_eq!(effective(publishable, GrantView::All), upload);
    /// # Ok::<(), keyward_core::key::InvalidScope>(())
    /// ```
    pub fn effective_grant(&self, kind: KindId, grant: GrantView<'_>) -> Grant {
        let rules = self.kind(kind);
        let own = match grant {
            GrantView::All if rules.cap.is_none() => return Grant::All,
            GrantView::All => "",
            GrantView::Only(scopes) => scopes,
        };
        let of_kind = rules.grants.iter().chain(rules.cap.iter().flat_map(ScopeSet::iter));
        let catalogue = self.scopes().map(ScopeRule::name);
        let scopes = tokens(own).chain(of_kind).chain(catalogue);
        let scopes = scopes.filter(|scope| self.permits(kind, grant, scope));
        Grant::Only(scopes.filter_map(|scope| scope.parse().ok()).collect())
    }

    fn is_satisfied_by(&self, scope: &str, grant: GrantView<'_>) -> bool {
        let rule = self.0.scopes.iter().find(|rule| *rule.name == *scope);
        rule.is_some_and(|rule| rule.satisfied_by.iter().any(|other| grant.contains(other)))
    }

    /// Whether a key that was granted nothing is refused everywhere, also where no scope is asked
    /// for.
    pub fn refuses_empty_grant(&self) -> bool {
        self.0.form.scopes.refuse_empty_grant
    }

    /// What a key of this kind may do when its creator says nothing about scopes.
    pub fn default_grant(&self, kind: KindId) -> Grant {
        match (&self.0.default_grant, &self.kind(kind).cap) {
            (Grant::Only(scopes), Some(cap)) => {
                let scopes = scopes.iter().filter(|scope| cap.contains(scope));
                Grant::Only(scopes.filter_map(|scope| scope.parse().ok()).collect::<ScopeSet>())
            }
            (grant, _) => grant.clone(),
        }
    }

    /// Whether a key of this kind may be given this grant.
    ///
    /// # Errors
    /// [`UnassignableScope`] names the first scope that the kind brings with it or cannot have, or
    /// that the catalogue does not have.
    pub fn check_assignable(&self, kind: KindId, grant: &Grant) -> Result<(), UnassignableScope> {
        let Grant::Only(scopes) = grant else { return Ok(()) };
        for scope in scopes.iter() {
            if self.kind(kind).grants.contains(scope) {
                return Err(UnassignableScope::OfKind(scope.to_owned()));
            }
            let catalogue = &self.0.scopes;
            if !catalogue.is_empty() && !catalogue.iter().any(|rule| *rule.name == *scope) {
                return Err(UnassignableScope::Unknown(scope.to_owned()));
            }
            if self.kind(kind).cap.as_ref().is_some_and(|cap| !cap.contains(scope)) {
                return Err(UnassignableScope::BeyondKind(scope.to_owned()));
            }
        }
        Ok(())
    }
}
