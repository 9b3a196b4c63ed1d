//! Another process refuses a revoked key in time, though nobody tells it.

use std::time::{Duration, Instant};

use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, NewKey, Reach};
use keyward_core::store::MemoryStore;
use keyward_core::verify::{HeaderValues, RejectionKind, RequestHead, Verifier};

const STALENESS: Duration = Duration::from_millis(400);

struct Bearer(String);

impl RequestHead for Bearer {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    }

    fn query(&self) -> Option<&str> {
        None
    }
}

/// No push reaches the other handle: only its own poll can tell it. Requests come all the time,
/// as in a busy process, so that the key is never looked up for want of being cached.
#[tokio::test(flavor = "multi_thread")]
async fn other_process_refuses_within_max_staleness() {
    let store = MemoryStore::new();
    let manager = KeyManager::builder(Dialect::bigspin(), store.clone()).open().await.unwrap();
    let verifier = Verifier::builder(Dialect::bigspin(), store.other_process())
        .with_max_staleness(STALENESS)
        .build()
        .unwrap();

    for _ in 0..5 {
        let issued = manager.create(NewKey::new("acme", "a key")).await.unwrap();
        let request = Bearer(format!("Bearer {}", issued.key.expose()));
        let warm = Instant::now() + Duration::from_millis(50);
        while Instant::now() < warm {
            verifier.verify(&request).await.unwrap();
            tokio::task::yield_now().await;
        }

        manager.revoke(&issued.record.id, Reach::Key).await.unwrap();
        let revoked = Instant::now();
        loop {
            let began = revoked.elapsed();
            match verifier.verify(&request).await {
                Ok(_) => assert!(began <= STALENESS, "let in {began:?} after the revocation"),
                Err(rejection) if rejection.kind() == RejectionKind::Revoked => break,
                Err(rejection) => panic!("a known key was refused as {}", rejection.kind()),
            }
            tokio::task::yield_now().await;
        }
        assert!(verifier.verify(&request).await.is_err(), "it stays refused");
    }
}
