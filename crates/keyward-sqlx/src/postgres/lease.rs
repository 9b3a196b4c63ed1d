use std::ops::{Deref, DerefMut};

use keyward_core::store::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};

use super::error::store_error;

/// A connection that goes back to its pool only when its question was answered.
///
/// Otherwise it is closed: a pool would wait for what a question that was given up left on it, and
/// with a server that hangs, or a network that was cut, that takes minutes.
pub(super) struct Lease {
    connection: PoolConnection<Postgres>,
    is_answered: bool,
}

impl Lease {
    pub(super) async fn of(pool: &PgPool) -> Result<Self, StoreError> {
        let connection = pool.acquire().await.map_err(store_error)?;
        Ok(Self { connection, is_answered: false })
    }

    pub(super) fn give_back(mut self) {
        self.is_answered = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_answered {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
