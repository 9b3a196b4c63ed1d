use std::num::NonZeroU32;

use crate::clock::Timestamp;
use crate::key::{Grant, KeyRecord, Networks, PlainKey, Resources};

/// A key to be created.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub(super) workspace: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) grant: Option<Grant>,
    pub(super) resources: Option<Resources>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) rate_limit_per_min: Option<NonZeroU32>,
    pub(super) networks: Option<Networks>,
    pub(super) metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

impl NewKey {
    /// A key of the dialect's first kind, with what the dialect grants when nothing is said, for all
    /// of the workspace, without end or limit. Where a
    /// [key acts](super::KeyManager::acting_as), all but the grant are its own.
    pub fn new(workspace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            workspace: workspace.into(),
            name: name.into(),
            description: None,
            kind: None,
            grant: None,
            resources: None,
            expires_at: None,
            rate_limit_per_min: None,
            networks: None,
            metadata: None,
        }
    }

    /// Says more about it for people.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Of another kind of the dialect.
    #[must_use]
    pub fn with_kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// What it may do.
    #[must_use]
    pub fn with_grant(mut self, grant: Grant) -> Self {
        self.grant = Some(grant);
        self
    }

    /// What it may do that to.
    #[must_use]
    pub fn with_resources(mut self, resources: Resources) -> Self {
        self.resources = Some(resources);
        self
    }

    /// When it ends.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Timestamp) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Its own limit, in requests a minute, in place of the dialect's; see [`limit`](crate::limit).
    #[must_use]
    pub fn with_rate_limit_per_min(mut self, limit: NonZeroU32) -> Self {
        self.rate_limit_per_min = Some(limit);
        self
    }

    /// Where it works from, which is anywhere without.
    #[must_use]
    pub fn with_networks(mut self, networks: Networks) -> Self {
        self.networks = Some(networks);
        self
    }

    /// The application's own data.
    #[must_use]
    pub fn with_metadata(mut self, metadata: serde_json::Map<String, serde_json::Value>) -> Self {
        self.metadata = Some(metadata);
        self
    }
}

/// What to change about a key; what is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(clippy::option_option, reason = "a field may stay, be cleared, or be set")]
pub struct KeyUpdate {
    pub(super) name: Option<String>,
    pub(super) description: Option<Option<String>>,
    pub(super) grant: Option<Grant>,
    pub(super) resources: Option<Resources>,
    pub(super) expires_at: Option<Option<Timestamp>>,
    pub(super) rate_limit_per_min: Option<Option<NonZeroU32>>,
    pub(super) networks: Option<Option<Networks>>,
    pub(super) active: Option<bool>,
    pub(super) version: Option<u64>,
}

impl KeyUpdate {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Another description, or none.
    #[must_use]
    pub fn with_description(mut self, description: Option<String>) -> Self {
        self.description = Some(description);
        self
    }

    /// Another grant, from the next request on.
    #[must_use]
    pub fn with_grant(mut self, grant: Grant) -> Self {
        self.grant = Some(grant);
        self
    }

    /// Other resources, from the next request on.
    #[must_use]
    pub fn with_resources(mut self, resources: Resources) -> Self {
        self.resources = Some(resources);
        self
    }

    /// Another end, or none.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Option<Timestamp>) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Another limit in requests a minute, or none of its own.
    #[must_use]
    pub fn with_rate_limit_per_min(mut self, limit: Option<NonZeroU32>) -> Self {
        self.rate_limit_per_min = Some(limit);
        self
    }

    /// Only while the key is of this [version](KeyRecord::version), for whoever has shown it to
    /// somebody meanwhile.
    #[must_use]
    pub fn with_version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// Other networks to work from, or anywhere, from the next request on.
    #[must_use]
    pub fn with_networks(mut self, networks: Option<Networks>) -> Self {
        self.networks = Some(networks);
        self
    }

    /// Revoked, as by [`revoke`](super::KeyManager::revoke), or let in again, as by
    /// [`reactivate`](super::KeyManager::reactivate), with all else in one act.
    #[must_use]
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }
}

/// A key that was just made: the one moment at which its secret is known.
#[derive(Debug)]
pub struct Issued {
    /// What is kept of it.
    pub record: KeyRecord,
    /// The secret, to be shown once.
    pub key: PlainKey,
}
