use std::time::Duration;

use super::audit::append;
use super::change::{touch, until_done};
use super::error::ManageError;
use super::manager::KeyManager;
use crate::audit::Act;
use crate::clock::Timestamp;
use crate::key::{KeyId, KeyRecord, PlainKey, check_text};
use crate::store::Write;

/// A grace that is longer is no rotation any more.
const LONGEST_GRACE: Duration = Duration::from_hours(366 * 24);

/// How to rotate a key.
#[derive(Debug, Clone, Default)]
pub struct Rotate {
    grace: Duration,
    token: Option<String>,
}

impl Rotate {
    /// The old key ends at once.
    pub fn now() -> Self {
        Self::default()
    }

    /// The old key is let in for this long beside the new one, at most 366 days.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Names this rotation, so that a retry after a lost answer is recognised: the same token on
    /// the same key finds the rotation done instead of a conflict. At most 128 characters.
    #[must_use]
    pub fn with_retry_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }
}

/// What a rotation left.
#[derive(Debug)]
pub struct Rotation {
    /// The key that ends.
    pub old: KeyRecord,
    /// The key in its place.
    pub new: KeyRecord,
    /// Its secret, to be shown once. `None` for a retry that found the rotation done: the first
    /// answer had the secret. If that was lost, rotate the new key.
    pub key: Option<PlainKey>,
}

impl KeyManager {
    /// Puts a new key with the same rights in the place of one. Of many at once, one wins. The new
    /// key is made by whoever acts, also where that is the old key itself.
    ///
    /// # Errors
    /// [`Conflict`](super::ManageErrorKind::Conflict) when the key was rotated already (the
    /// sentence names its successor), or is revoked or expired;
    /// [`Denied`](super::ManageErrorKind::Denied) when it has more than the key that acts;
    /// [`NotFound`](super::ManageErrorKind::NotFound);
    /// [`Invalid`](super::ManageErrorKind::Invalid) for a token or a grace that is too long.
    pub async fn rotate(&self, id: &KeyId, rotate: Rotate) -> Result<Rotation, ManageError> {
        if rotate.token.as_ref().is_some_and(|token| token.chars().count() > 128) {
            return Err(ManageError::invalid(
                "retry_token",
                "a retry token has at most 128 characters",
            ));
        }
        check_text(rotate.token.as_deref().unwrap_or_default())
            .map_err(|sentence| ManageError::invalid("retry_token", sentence))?;
        if rotate.grace > LONGEST_GRACE {
            return Err(ManageError::invalid("grace", "a grace lasts at most 366 days"));
        }
        until_done(|| self.rotate_once(id, &rotate)).await
    }

    async fn rotate_once(
        &self,
        id: &KeyId,
        rotate: &Rotate,
    ) -> Result<Option<Rotation>, ManageError> {
        let now = self.now();
        let by = self.bounds(now).await?;
        let before = self.find(id, &by).await?;
        if let Some(successor) = &before.rotated_to {
            if rotate.token.is_some() && rotate.token == before.rotation_token {
                let new = self.find(successor, &by).await?;
                return Ok(Some(Rotation { old: before, new, key: None }));
            }
            return Err(ManageError::conflict(format!(
                "the key was rotated already: `{successor}` is in its place"
            )));
        }
        let (old, new, key) = self.successor(&before, rotate, now)?;
        by.check(&before)?;
        by.check(&new)?;
        let digest = self.peppers.digest(&key);
        let mut rotated = self.entry(Act::Rotated, &old)?;
        rotated.counterpart = Some(new.id.clone());
        let mut created = self.entry(Act::Created, &new)?;
        created.counterpart = Some(old.id.clone());
        let writes = [
            Write::Replace { record: Box::new(old.clone()), expected: before.version },
            Write::Insert { digest, record: Box::new(new.clone()) },
            append(rotated),
            append(created),
        ];
        self.commit(&by, writes, Rotation { old, new, key: Some(key) }).await
    }

    fn successor(
        &self,
        before: &KeyRecord,
        rotate: &Rotate,
        now: Timestamp,
    ) -> Result<(KeyRecord, KeyRecord, PlainKey), ManageError> {
        let is_expired = self.dialect.end_of(before).is_some_and(|end| end <= now);
        if before.is_revoked(now) || is_expired {
            return Err(ManageError::conflict("a revoked or expired key cannot be rotated"));
        }
        let key = self.issue(self.kind_named(&before.kind)?)?;
        let mut new = before.clone();
        new.id = self.dialect.new_key_id(now);
        new.mask = self.dialect.mask(&key);
        new.created_by = self.actor.clone().or(new.created_by);
        new.created_at = now;
        new.updated_at = now;
        new.expires_at = new.expires_at.into_iter().chain(self.latest_end(now)).min();
        new.last_used_at = None;
        new.revoked_at = None;
        new.version = 1;

        let mut old = before.clone();
        old.revoked_at = Some(now.plus(rotate.grace));
        old.rotated_to = Some(new.id.clone());
        old.rotation_token.clone_from(&rotate.token);
        touch(&mut old, now);
        Ok((old, new, key))
    }
}
