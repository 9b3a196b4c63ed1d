use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keyward_core::clock::Clock;
use keyward_core::key::{KeyDigest, PlainKey};
use rand::random;
use zeroize::Zeroizing;

/// Who is signed in, by the digest of what their browser holds.
pub(super) struct Sessions {
    lifetime: Duration,
    clock: Arc<dyn Clock>,
    open: Mutex<HashMap<KeyDigest, Arc<Session>>>,
}

pub(super) struct Session {
    pub(super) proof: Proof,
    /// On the clock's elapsed time.
    ends: u64,
}

/// What somebody signed in with.
pub(super) enum Proof {
    /// Verified again at each request.
    Operator(PlainKey),
    Password,
}

impl Sessions {
    /// Beyond that the oldest ends: nobody comes here who was not let in.
    const MOST: usize = 1_000;

    pub(super) fn new(lifetime: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { lifetime, clock, open: Mutex::default() }
    }

    /// What the browser has to send from now on.
    pub(super) fn begin(&self, proof: Proof) -> Zeroizing<String> {
        let bytes: [u8; 32] = random();
        let token = Zeroizing::new(hex::encode(bytes));
        let now = self.clock.now().elapsed;
        let lifetime = u64::try_from(self.lifetime.as_nanos()).unwrap_or(u64::MAX);
        let session = Session { proof, ends: now.saturating_add(lifetime) };
        let mut open = self.open();
        open.retain(|_, session| session.ends > now);
        if open.len() >= Self::MOST {
            let oldest = open.iter().min_by_key(|(_, session)| session.ends);
            if let Some(oldest) = oldest.map(|(digest, _)| *digest) {
                open.remove(&oldest);
            }
        }
        open.insert(KeyDigest::sha256(token.as_bytes()), Arc::new(session));
        token
    }

    /// The session, and a name of it that opens nothing.
    pub(super) fn find(&self, token: &str) -> Option<(Arc<Session>, String)> {
        let digest = KeyDigest::sha256(token.as_bytes());
        let session = self.open().get(&digest).cloned()?;
        let name = hex::encode(digest.as_bytes());
        (session.ends > self.clock.now().elapsed).then_some((session, name))
    }

    pub(super) fn end(&self, token: &str) {
        self.open().remove(&KeyDigest::sha256(token.as_bytes()));
    }

    fn open(&self) -> MutexGuard<'_, HashMap<KeyDigest, Arc<Session>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
