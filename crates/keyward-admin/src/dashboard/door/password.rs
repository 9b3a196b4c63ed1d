use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier};
use keyward_core::ConfigError;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::guard::Admin;

/// Somebody's password, as its hash.
pub(super) struct Password {
    pub(super) admin: Admin,
    hash: Arc<PasswordHash>,
    /// Each comparison takes the memory that the hash says.
    at_once: Arc<Semaphore>,
}

impl Password {
    pub(super) fn new(admin: Admin, hash: &str) -> Result<Self, ConfigError> {
        let hash = PasswordHash::new(hash)
            .ok()
            .filter(|hash| hash.algorithm.as_str().starts_with("argon2") && hash.hash.is_some());
        let hash = hash.ok_or_else(|| {
            ConfigError::new("the password's hash is none of Argon2: write `$argon2id$v=19$…`")
        })?;
        Ok(Self { admin, hash: Arc::new(hash), at_once: Arc::new(Semaphore::new(2)) })
    }

    pub(super) async fn is(&self, text: &str) -> bool {
        let Ok(turn) = Arc::clone(&self.at_once).acquire_owned().await else { return false };
        let (hash, text) = (Arc::clone(&self.hash), Zeroizing::new(text.to_owned()));
        let compared = spawn_blocking(move || {
            let _turn = turn;
            Argon2::default().verify_password(text.as_bytes(), &*hash).is_ok()
        });
        compared.await.unwrap_or(false)
    }
}
