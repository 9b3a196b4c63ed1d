//! Keys of another system, by their digests.

mod key;
mod rules;

pub use key::{ImportKey, Standing};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::audit::append;
use super::bounds::Bounds;
use super::change::until_done;
use super::error::ManageError;
use super::manager::KeyManager;
use crate::audit::Act;
use crate::clock::Timestamp;
use crate::key::{Creator, KeyDigest, KeyRecord};
use crate::store::{StoreError, Write};

/// So many ids are asked for at once.
const AT_ONCE: usize = 16;

/// What is to be written of a key: nothing, where it is kept.
type Plan = Option<Box<KeyRecord>>;

impl KeyManager {
    /// Keeps keys of another system: all of these in one commit, or none. Those that are kept already
    /// with the same record stay as they are, so that an import can be done again.
    ///
    /// Give it a thousand at a time. That a digest is that of a key of the dialect nobody can see:
    /// one whose text the dialect does not [recognise](crate::dialect::Dialect::recognise) is refused
    /// all the same.
    ///
    /// # Errors
    /// The first that [`check_import`](Self::check_import) gives.
    /// [`Conflict`](super::ManageErrorKind::Conflict) also when a digest or id stands here twice;
    /// [`Unavailable`](super::ManageErrorKind::Unavailable) when the store cannot be reached: do it
    /// again.
    pub async fn import(&self, keys: &[ImportKey]) -> Result<Vec<Standing>, ManageError> {
        until_done(|| self.import_once(keys)).await
    }

    async fn import_once(&self, keys: &[ImportKey]) -> Result<Option<Vec<Standing>>, ManageError> {
        let by = self.bounds_of_import().await?;
        let plans = self.plans(&by, keys).await?;
        let plans = plans.into_iter().collect::<Result<Vec<Plan>, _>>()?;
        let standings: Vec<Standing> = plans.iter().map(standing).collect();
        if !standings.contains(&Standing::New) {
            return Ok(Some(standings));
        }
        let mut writes = Vec::with_capacity(2 * keys.len());
        for (key, plan) in keys.iter().zip(plans) {
            if let Some(record) = plan {
                let entry = append(self.entry(Act::Imported, &record)?);
                writes.extend([Write::Insert { digest: key.digest, record }, entry]);
            }
        }
        self.commit(&by, writes, standings).await
    }

    /// What [`import`](Self::import) would do with each of these, and writes nothing.
    ///
    /// Of each: [`Invalid`](super::ManageErrorKind::Invalid) for what breaks a rule,
    /// [`Conflict`](super::ManageErrorKind::Conflict) where the key is kept with another record, or its
    /// id is another key's.
    ///
    /// # Errors
    /// [`Denied`](super::ManageErrorKind::Denied) when a key acts: only people import.
    /// [`Unavailable`](super::ManageErrorKind::Unavailable) when the store cannot be reached.
    pub async fn check_import(
        &self,
        keys: &[ImportKey],
    ) -> Result<Vec<Result<Standing, ManageError>>, ManageError> {
        let plans = self.plans(&self.bounds_of_import().await?, keys).await?;
        Ok(plans.into_iter().map(|plan| plan.map(|plan| standing(&plan))).collect())
    }

    async fn bounds_of_import(&self) -> Result<Bounds, ManageError> {
        if matches!(self.actor, Some(Creator::Key(_))) {
            return Err(ManageError::denied("digest", "a key imports no keys: only people do"));
        }
        self.bounds(self.now()).await
    }

    async fn plans(
        &self,
        by: &Bounds,
        keys: &[ImportKey],
    ) -> Result<Vec<Result<Plan, ManageError>>, ManageError> {
        let now = self.now();
        let digests: Vec<KeyDigest> = keys.iter().map(|key| key.digest.digest).collect();
        let found = self.store.lookup_many(&digests).await?.records;
        if found.len() != keys.len() {
            return Err(StoreError::unavailable("the store gave another number of answers").into());
        }
        // Made before they are awaited, for rustc's sake, as in `lookup_many`.
        let plans: Vec<_> =
            keys.iter().zip(found).map(|(key, kept)| self.plan(by, key, kept, now)).collect();
        stream::iter(plans).buffered(AT_ONCE).try_collect().await
    }

    /// The outer error is the store's.
    async fn plan(
        &self,
        by: &Bounds,
        key: &ImportKey,
        kept: Option<KeyRecord>,
        now: Timestamp,
    ) -> Result<Result<Plan, ManageError>, ManageError> {
        let record = match self.record(by, key, now) {
            Ok(record) => record,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(kept) = kept {
            return Ok(self.compare(key, record, &kept).map(|()| None));
        }
        if let Some(id) = &key.id
            && self.store.get(id).await?.is_some()
        {
            let message = "another key has this id: leave the id out, or give another";
            return Ok(Err(ManageError::conflict(message)));
        }
        Ok(Ok(Some(Box::new(record))))
    }
}

fn standing(plan: &Plan) -> Standing {
    if plan.is_some() { Standing::New } else { Standing::Kept }
}
