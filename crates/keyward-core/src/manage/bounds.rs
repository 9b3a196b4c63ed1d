//! A key that makes a key can give no more than it has.

use super::error::ManageError;
use super::manager::KeyManager;
use crate::clock::Timestamp;
use crate::dialect::{Dialect, GrantView, ScopeRule};
use crate::key::{Creator, Grant, KeyRecord, Resources};
use crate::store::Write;

impl KeyManager {
    /// Checks the key that makes this one, if a key does, and says what must still be so of it.
    pub(super) async fn check_parent(
        &self,
        child: &KeyRecord,
        now: Timestamp,
    ) -> Result<Option<Write>, ManageError> {
        let Some(Creator::Key(parent)) = &child.created_by else { return Ok(None) };
        let parent = self.get(parent).await?;
        check_child(&self.dialect, &parent, child, now)?;
        Ok(Some(Write::Require { id: parent.id, expected: parent.version }))
    }
}

/// Checks a key against the key that makes it: alive, same workspace and kind, and not more scopes,
/// resources, time or requests.
fn check_child(
    dialect: &Dialect,
    parent: &KeyRecord,
    child: &KeyRecord,
    now: Timestamp,
) -> Result<(), ManageError> {
    let denied = |field, what| Err(ManageError::denied(field, what));
    if parent.is_revoked(now) || parent.is_expired(now) {
        return denied("created_by", "a revoked or expired key makes no keys");
    }
    if parent.workspace != child.workspace {
        return denied("workspace", "a key makes keys in its own workspace only");
    }
    if parent.kind != child.kind {
        return denied("kind", "a key makes keys of its own kind only");
    }
    if !grants(dialect, parent, &child.grant) {
        return denied("scopes", "a key cannot give scopes that it does not have");
    }
    let within = match (&parent.resources, &child.resources) {
        (Resources::All, _) => true,
        (Resources::Only(_), Resources::All) => false,
        (parent @ Resources::Only(_), Resources::Only(ids)) => {
            ids.iter().all(|id| parent.contains(id))
        }
    };
    if !within {
        return denied("resources", "a key cannot give resources that it may not touch");
    }
    // In a rotation's grace its end is near.
    let end = parent.expires_at.into_iter().chain(parent.revoked_at).min();
    if end.is_some_and(|end| child.expires_at.is_none_or(|own| own > end)) {
        return denied("expires_at", "a key cannot make one that outlives it");
    }
    let limit = parent.rate_limit_per_min;
    if limit.is_some_and(|most| child.rate_limit_per_min.is_none_or(|own| own > most)) {
        return denied("rate_limit_per_min", "a key cannot give a higher limit than its own");
    }
    Ok(())
}

fn grants(dialect: &Dialect, parent: &KeyRecord, grant: &Grant) -> bool {
    match grant {
        Grant::All => parent.grant == Grant::All,
        Grant::Only(scopes) => dialect.kind_id(&parent.kind).is_some_and(|kind| {
            let permits = |grant, scope| dialect.permits(kind, GrantView::from(grant), scope);
            // A scope that the parent has through another one may satisfy more than that does.
            let mut catalogue = dialect.scopes().map(ScopeRule::name);
            scopes.iter().all(|scope| permits(&parent.grant, scope))
                && catalogue.all(|scope| permits(&parent.grant, scope) || !permits(grant, scope))
        }),
    }
}
