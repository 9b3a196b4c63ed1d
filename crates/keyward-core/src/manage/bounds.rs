//! A key that acts can give and touch no more than it has.

use std::sync::Arc;

use super::error::{ManageError, ManageErrorKind};
use super::manager::KeyManager;
use super::request::NewKey;
use crate::clock::Timestamp;
use crate::dialect::{Dialect, GrantView, ScopeRule};
use crate::key::{Creator, Grant, KeyId, KeyRecord, Networks, Resources};
use crate::store::Write;

/// What bounds one act: a workspace, and the key that acts as it is at that moment.
pub(super) struct Bounds {
    dialect: Dialect,
    within: Option<Arc<str>>,
    key: Option<KeyRecord>,
    /// What must still be so of that key when the act is written.
    require: Option<Write>,
    /// Ending a key gives nobody anything: of whichever kind it is.
    any_kind: bool,
}

impl KeyManager {
    /// What bounds an act now.
    pub(super) async fn bounds(&self, now: Timestamp) -> Result<Bounds, ManageError> {
        let (dialect, within) = (self.dialect.clone(), self.within.clone());
        let Some(Creator::Key(id)) = &self.actor else {
            return Ok(Bounds { dialect, within, key: None, require: None, any_kind: false });
        };
        let key = self.store.get(id).await?.filter(|key| {
            let is_here = within.as_deref().is_none_or(|own| own == key.workspace);
            let is_expired = dialect.end_of(key).is_some_and(|end| end <= now);
            is_here && !key.is_revoked(now) && !is_expired
        });
        let Some(key) = key else {
            let message = "the key that acts is revoked, expired or not of this workspace";
            return Err(ManageError::new(ManageErrorKind::Denied, message));
        };
        Ok(Bounds {
            dialect,
            within: Some(key.workspace.as_str().into()),
            require: Some(Write::Require { id: key.id.clone(), expected: key.version }),
            key: Some(key),
            any_kind: false,
        })
    }
}

impl Bounds {
    /// The one workspace whose keys exist here.
    pub(super) fn workspace(&self) -> Option<&str> {
        self.within.as_deref()
    }

    pub(super) fn covers(&self, workspace: &str) -> bool {
        self.workspace().is_none_or(|own| own == workspace)
    }

    /// Narrows a question to that workspace; `false` when it is about another one alone.
    pub(super) fn narrow(&self, workspace: &mut Option<String>) -> bool {
        let asked = workspace.take();
        *workspace = self.workspace().map(str::to_owned).or_else(|| asked.clone());
        asked.is_none_or(|asked| self.covers(&asked))
    }

    pub(super) fn require(&self) -> Option<Write> {
        self.require.clone()
    }

    /// For what remains of an act that was decided: it is done even when the key that acts ends by
    /// it.
    pub(super) fn decided(self) -> Self {
        Self { require: None, ..self }
    }

    /// For an act that ends a key.
    pub(super) fn of_an_end(self) -> Self {
        Self { any_kind: true, ..self }
    }

    /// Fills in what a request leaves out.
    pub(super) fn complete(&self, mut new: NewKey) -> NewKey {
        if let Some(key) = &self.key {
            new.kind = new.kind.or_else(|| Some(key.kind.clone()));
            new.resources = new.resources.or_else(|| Some(key.resources.clone()));
            new.expires_at = new.expires_at.or_else(|| end(key));
            new.rate_limit_per_min = new.rate_limit_per_min.or(key.rate_limit_per_min);
            new.networks = new.networks.or_else(|| key.networks.clone());
        }
        new
    }

    /// Checks that the key which acts has no less than this one: its workspace and kind, and as many
    /// scopes, resources, time, requests and networks.
    pub(super) fn check(&self, record: &KeyRecord) -> Result<(), ManageError> {
        let Some(key) = &self.key else { return Ok(()) };
        let denied = |field, what| Err(ManageError::denied(field, what));
        if key.workspace != record.workspace {
            return denied("workspace", "a key acts in its own workspace only");
        }
        if key.kind != record.kind && !self.any_kind {
            return denied("kind", "a key makes and manages keys of its own kind only");
        }
        if !grants(&self.dialect, key, &record.grant) {
            return denied("scopes", "a key cannot give or manage scopes that it does not have");
        }
        if !holds(&key.resources, &record.resources) {
            return denied("resources", "a key cannot give or manage what it may not touch");
        }
        if outlives(record, key) {
            return denied("expires_at", "a key cannot make or manage one that outlives it");
        }
        // Whoever has no limit of its own has the dialect's.
        let limit =
            |record: &KeyRecord| record.rate_limit_per_min.or(self.dialect.rate_limit_per_min());
        if limit(key).is_some_and(|most| limit(record).is_none_or(|own| own > most)) {
            let what = "a key cannot give or manage a higher limit than its own";
            return denied("rate_limit_per_min", what);
        }
        let cover = |own: &Networks| record.networks.as_ref().is_some_and(|it| own.cover(it));
        if !key.networks.as_ref().is_none_or(cover) {
            let what = "a key cannot give or manage networks that it does not work from";
            return denied("networks", what);
        }
        Ok(())
    }

    /// Checks that whoever acts may end this key.
    pub(super) fn check_end(&self, id: &KeyId) -> Result<(), ManageError> {
        let is_own = self.key.as_ref().is_some_and(|key| key.id == *id);
        if is_own && !self.dialect.key_may_end_itself() {
            let message = "Cannot revoke the API key used for this request";
            return Err(ManageError::conflict(message));
        }
        Ok(())
    }
}

fn grants(dialect: &Dialect, key: &KeyRecord, grant: &Grant) -> bool {
    match grant {
        Grant::All => key.grant == Grant::All,
        Grant::Only(scopes) => dialect.kind_id(&key.kind).is_some_and(|kind| {
            let permits = |grant, scope| dialect.permits(kind, GrantView::from(grant), scope);
            // A scope that the key has through another one may satisfy more than that does.
            let mut catalogue = dialect.scopes().map(ScopeRule::name);
            scopes.iter().all(|scope| permits(&key.grant, scope))
                && catalogue.all(|scope| permits(&key.grant, scope) || !permits(grant, scope))
        }),
    }
}

fn holds(resources: &Resources, asked: &Resources) -> bool {
    match (resources, asked) {
        (Resources::All, _) => true,
        (Resources::Only(_), Resources::All) => false,
        (resources, Resources::Only(ids)) => ids.iter().all(|id| resources.contains(id)),
    }
}

fn outlives(record: &KeyRecord, key: &KeyRecord) -> bool {
    let later = |own: Option<Timestamp>, end: Option<Timestamp>| {
        end.is_some_and(|end| own.is_none_or(|own| own > end))
    };
    if record.id == key.id {
        // In its grace a key still manages itself, but does not lift the end of the grace.
        return later(record.expires_at, key.expires_at)
            || later(record.revoked_at, key.revoked_at);
    }
    later(record.expires_at, end(key))
}

/// In a rotation's grace the end is near.
fn end(key: &KeyRecord) -> Option<Timestamp> {
    key.expires_at.into_iter().chain(key.revoked_at).min()
}
