//! What tests of verification share: a request, a store under a test's control, waiting.

pub(crate) mod stage;
pub(crate) mod watched;

use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyRecord, PlainKey};
use keyward_core::manage::{KeyManager, NewKey};
use keyward_core::store::{KeyLookup, KeyStore};
use keyward_core::verify::{ApiKey, Check, HeaderValues, RejectionKind, RequestHead, Verifier};

/// A request with one `Authorization: Bearer` header, from somewhere or from nobody knows where.
pub(crate) struct Bearer(Vec<u8>, Option<IpAddr>);

impl Bearer {
    pub(crate) fn new(key: &str) -> Self {
        Self(format!("Bearer {key}").into_bytes(), None)
    }

    pub(crate) fn from(self, peer: &str) -> Self {
        Self(self.0, Some(peer.parse().unwrap()))
    }
}

impl RequestHead for Bearer {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == "authorization").then_some(&*self.0))
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn peer(&self) -> Option<IpAddr> {
        self.1
    }
}

/// Who is let in, or why not.
pub(crate) async fn verify(verifier: &Verifier, key: &str) -> Result<ApiKey, RejectionKind> {
    verifier.verify(&Bearer::new(key)).await.map_err(|rejection| rejection.kind())
}

/// Nothing for a key that is let in, else why not.
pub(crate) async fn refusal(verifier: &Verifier, key: &str) -> Option<RejectionKind> {
    verify(verifier, key).await.err()
}

/// What is known of a key without the store: `None` when the store must be asked.
pub(crate) fn cached(verifier: &Verifier, key: &str) -> Option<Result<ApiKey, RejectionKind>> {
    match verifier.check(&Bearer::new(key)) {
        Check::Done(verdict) => Some(verdict.map_err(|rejection| rejection.kind())),
        Check::Pending(_) => None,
    }
}

/// Asks about a key until the cache has it, which needs the verifier's first poll.
pub(crate) async fn warm(verifier: &Verifier, key: &str) {
    eventually("the key is cached", async || {
        let _ = verify(verifier, key).await;
        cached(verifier, key).is_some()
    })
    .await;
}

/// Waits until it is so, for ten seconds at most.
pub(crate) async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    within(what, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

/// What comes of it within ten seconds.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let Ok(done) = tokio::time::timeout(Duration::from_secs(10), future).await else {
        panic!("not within ten seconds: {what}");
    };
    done
}

/// A verifier of Bigspin's keys with defaults.
pub(crate) fn verifier(lookup: impl KeyLookup) -> Verifier {
    Verifier::builder(Dialect::bigspin(), lookup).build().unwrap()
}

/// A manager of Bigspin's keys on the machine's clock.
pub(crate) async fn manager(store: impl KeyStore) -> KeyManager {
    KeyManager::builder(Dialect::bigspin(), store).open().await.unwrap()
}

/// A new key of workspace `acme` with every scope.
pub(crate) async fn create(manager: &KeyManager) -> (KeyRecord, String) {
    let issued = manager.create(NewKey::new("acme", "a key")).await.unwrap();
    (issued.record, issued.key.expose().to_owned())
}

/// A well-formed key of Bigspin's that nobody issued, another for every number.
pub(crate) fn unknown(number: usize) -> String {
    format!("sk-bigspin-api03-unknown{number:036}")
}

/// The same as a secret, for `adopt`.
pub(crate) fn secret(key: &str) -> PlainKey {
    PlainKey::new(key.to_owned())
}
