use std::fmt;
use std::num::NonZeroU32;

use super::{Grant, Networks};
use crate::clock::Timestamp;

/// Names a key in logs and in management. An identifier, never a capability (RFC 9562 §8).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Box<str>);

impl KeyId {
    /// An id as a dialect makes it or a store hands it back.
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self(id.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who made a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creator {
    /// A person or a program, by the application's own id of them.
    Person(String),
    /// Another key, by its id.
    Key(KeyId),
}

/// How a key stands at an instant, as a request with it would find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It is let in.
    Active,
    /// It is refused as revoked.
    Revoked,
    /// It is refused as expired.
    Expired,
}

impl KeyState {
    /// The word: `active`, `revoked` or `expired`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

/// What inside its workspace a key may touch. An empty list touches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resources {
    /// Everything in the workspace.
    All,
    /// These ids and no others.
    Only(Vec<String>),
}

impl Resources {
    /// Whether the key may touch this one.
    pub fn contains(&self, resource: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.iter().any(|id| id == resource),
        }
    }
}

/// What a store keeps of a key: everything but the secret.
///
/// Somebody's own lookup builds one with [`KeyRecord::new`] and the `with_*` methods.
///
/// ```
/// use keyward_core::key::{Grant, KeyId, KeyRecord};
///
/// let record = KeyRecord::new(KeyId::new("key_1"), "acme", "secret")
///     .with_name("CI")
///     .with_grant(Grant::Only("projects-read".parse()?));
/// assert!(record.grant.contains("projects-read"));
/// assert!(!record.grant.contains("projects-write"));
/// # Ok::<(), keyward_core::key::InvalidScope>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KeyRecord {
    /// Names the key.
    pub id: KeyId,
    /// The tenant it belongs to.
    pub workspace: String,
    /// For people.
    pub name: String,
    /// For people, longer.
    pub description: Option<String>,
    /// The name of a kind of the dialect.
    pub kind: String,
    /// What may be shown of the secret.
    pub mask: String,
    /// What it may do.
    pub grant: Grant,
    /// What it may do that to.
    pub resources: Resources,
    /// Requests a minute, where the key has a limit of its own; see [`limit`](crate::limit).
    pub rate_limit_per_min: Option<NonZeroU32>,
    /// Where it works from; anywhere, without.
    pub networks: Option<Networks>,
    /// Who made it.
    pub created_by: Option<Creator>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed; use does not count.
    pub updated_at: Timestamp,
    /// From this instant on it is refused as expired.
    pub expires_at: Option<Timestamp>,
    /// From this instant on it is refused as revoked: in the future during a rotation's grace.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, as far as is known.
    pub last_used_at: Option<Timestamp>,
    /// The key that a rotation put in its place.
    pub rotated_to: Option<KeyId>,
    /// What the caller of that rotation named it, so that a retry is recognised.
    pub rotation_token: Option<String>,
    /// Counts the changes, from 1.
    pub version: u64,
    /// The application's own data, a JSON object.
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

impl KeyRecord {
    /// A key that grants nothing, without name, expiry or limit, made at 1970.
    pub fn new(id: KeyId, workspace: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            id,
            workspace: workspace.into(),
            name: String::new(),
            description: None,
            kind: kind.into(),
            mask: String::new(),
            grant: Grant::Only(super::ScopeSet::default()),
            resources: Resources::All,
            rate_limit_per_min: None,
            networks: None,
            created_by: None,
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            rotated_to: None,
            rotation_token: None,
            version: 1,
            metadata: None,
        }
    }

    /// Names it for people.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Says what it may do.
    #[must_use]
    pub fn with_grant(mut self, grant: Grant) -> Self {
        self.grant = grant;
        self
    }

    /// Says what it may do that to.
    #[must_use]
    pub fn with_resources(mut self, resources: Resources) -> Self {
        self.resources = resources;
        self
    }

    /// Says where it works from; anywhere, without.
    #[must_use]
    pub fn with_networks(mut self, networks: Option<Networks>) -> Self {
        self.networks = networks;
        self
    }

    /// Says when it ends.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Option<Timestamp>) -> Self {
        self.expires_at = expires_at;
        self
    }

    /// Says when it was or will be revoked.
    #[must_use]
    pub fn with_revoked_at(mut self, revoked_at: Option<Timestamp>) -> Self {
        self.revoked_at = revoked_at;
        self
    }

    /// Whether it is revoked at this instant.
    ///
    /// A revocation that was not in the future when it was written holds on every clock, also on
    /// one that is behind the writer's.
    pub fn is_revoked(&self, at: Timestamp) -> bool {
        self.revoked_at.is_some_and(|revoked| revoked <= at || revoked <= self.updated_at)
    }

    /// Whether it has expired at this instant.
    pub fn is_expired(&self, at: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires| expires <= at)
    }
}
