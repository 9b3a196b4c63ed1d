//! A manager and a verifier on one store and one clock.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::{Clock, TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::key::{Creator, Grant, KeyId, KeyRecord, Networks, Resources};
use keyward_core::manage::{Issued, KeyManager, ManageError, ManageErrorKind, NewKey};
use keyward_core::store::{KeyLookup, KeyStore, MemoryStore};
use keyward_core::verify::{HeaderValues, RejectionKind, RequestHead, Verifier};

pub(crate) const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub(crate) struct Setting {
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) manager: KeyManager,
    pub(crate) verifier: Verifier,
}

impl Setting {
    /// Bigspin's keys, whose revocation is not final.
    pub(crate) async fn new() -> Self {
        Self::of(Dialect::bigspin()).await
    }

    pub(crate) async fn of(dialect: Dialect) -> Self {
        let store = MemoryStore::new();
        let clock = Arc::new(TestClock::at(START));
        let manager = manager(dialect.clone(), store.clone(), &clock).await;
        let verifier = verifier(dialect, store.clone(), &clock);
        Self { store, clock, manager, verifier }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().timestamp
    }

    /// A key of workspace `acme` with every scope.
    pub(crate) async fn create(&self) -> Issued {
        self.manager.create(NewKey::new("acme", "a key")).await.unwrap()
    }

    /// The same manager in the hands of a key.
    pub(crate) fn by(&self, key: &KeyRecord) -> KeyManager {
        self.manager.acting_as(Creator::Key(key.id.clone()))
    }

    /// Nothing for a key that is let in, else why not.
    pub(crate) async fn refusal(&self, issued: &Issued) -> Option<RejectionKind> {
        refusal(&self.verifier, issued.key.expose()).await
    }
}

pub(crate) async fn manager(
    dialect: Dialect,
    store: impl KeyStore,
    clock: &Arc<TestClock>,
) -> KeyManager {
    KeyManager::builder(dialect, store).with_clock(clock.clone()).open().await.unwrap()
}

pub(crate) fn verifier(
    dialect: Dialect,
    lookup: impl KeyLookup,
    clock: &Arc<TestClock>,
) -> Verifier {
    Verifier::builder(dialect, lookup)
        .with_clock(clock.clone())
        .with_max_staleness(Duration::from_hours(1))
        .build()
        .unwrap()
}

pub(crate) async fn refusal(verifier: &Verifier, key: &str) -> Option<RejectionKind> {
    let head = Bearer(format!("Bearer {key}"));
    verifier.verify(&head).await.err().map(|rejection| rejection.kind())
}

pub(crate) fn only(scopes: &str) -> Grant {
    Grant::Only(scopes.parse().unwrap())
}

pub(crate) fn resources(ids: &[&str]) -> Resources {
    Resources::Only(ids.iter().map(|id| (*id).to_owned()).collect())
}

pub(crate) fn networks(text: &str) -> Networks {
    text.parse().unwrap()
}

pub(crate) fn per_min(limit: u32) -> NonZeroU32 {
    NonZeroU32::new(limit).unwrap()
}

/// A kind of error, and the field that it is about.
pub(crate) type Wrong = (ManageErrorKind, Option<&'static str>);

/// What is wrong with an act that was not done.
pub(crate) fn error_of<T>(result: Result<T, ManageError>) -> Wrong {
    let Err(error) = result else { panic!("it was done") };
    assert!(!error.to_string().is_empty());
    (error.kind(), error.field())
}

pub(crate) fn invalid(field: &'static str) -> Wrong {
    (ManageErrorKind::Invalid, Some(field))
}

pub(crate) fn denied(field: &'static str) -> Wrong {
    (ManageErrorKind::Denied, Some(field))
}

pub(crate) const NOT_FOUND: Wrong = (ManageErrorKind::NotFound, None);
/// The key that acts has ended.
pub(crate) const POWERLESS: Wrong = (ManageErrorKind::Denied, None);
pub(crate) const CONFLICT: Wrong = (ManageErrorKind::Conflict, None);

/// An id that no store has.
pub(crate) fn nobody() -> KeyId {
    KeyId::new("nobody")
}

struct Bearer(String);

impl RequestHead for Bearer {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    }

    fn query(&self) -> Option<&str> {
        None
    }
}
