use std::ops::Range;

use super::error::{ManageError, ManageErrorKind};
use super::manager::KeyManager;
use crate::clock::Timestamp;
use crate::key::KeyId;
use crate::usage::UsePoint;

impl KeyManager {
    /// How often a key was used: the hours that begin in this span and in which it was, the oldest
    /// first. What verifiers have counted and not written yet is missing.
    ///
    /// ```
    /// # use keyward_core::verify::{HeaderValues, RequestHead};
    /// # struct Bearer(String);
    /// # impl RequestHead for Bearer {
    /// #     fn header(&self, name: &str) -> HeaderValues<'_> {
    /// #         HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    /// #     }
    /// #     fn query(&self) -> Option<&str> {
    /// #         None
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use keyward_core::dialect::Dialect;
    /// use keyward_core::manage::{KeyManager, NewKey};
    /// use keyward_core::store::MemoryStore;
    /// use keyward_core::verify::Verifier;
    ///
    /// let store = MemoryStore::new();
    /// let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await?;
    /// let verifier = Verifier::builder(Dialect::standard(), store).build()?;
    /// let issued = manager.create(NewKey::new("acme", "ci")).await?;
    /// # let request = Bearer(format!("Bearer {}", issued.key.expose()));
    ///
    /// verifier.verify(&request).await?;
    /// verifier.shutdown().await; // writes at once what is written every few seconds otherwise
    ///
    /// let begin = manager.now().start_of_hour();
    /// let points = manager.usage(&issued.record.id, begin..begin.plus(Duration::from_hours(2))).await?;
    /// assert_eq!(points[0].counts.ok(), 1);
    /// assert!(manager.get(&issued.record.id).await?.last_used_at.is_some());
    ///
    /// let before = manager.usage(&issued.record.id, issued.record.created_at..begin).await?;
    /// assert!(before.is_empty());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get); [`Invalid`](ManageErrorKind::Invalid) for a store that does not keep
    /// how its keys are used.
    pub async fn usage(
        &self,
        id: &KeyId,
        hours: Range<Timestamp>,
    ) -> Result<Vec<UsePoint>, ManageError> {
        let uses = self.store.store.uses().ok_or_else(|| {
            let message = "this store does not keep how its keys are used";
            ManageError::new(ManageErrorKind::Invalid, message)
        })?;
        let record = self.get(id).await?;
        Ok(self.store.within(uses.usage(&record.id, hours)).await?)
    }
}
