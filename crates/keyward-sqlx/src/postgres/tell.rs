use std::sync::{Arc, OnceLock};
use std::time::Duration;

use keyward_core::store::{ChangeTable, StoreError};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::error::store_error;
use super::lease::Lease;

/// How long it may take to tell. Whoever would be told of it later has polled by then.
const PATIENCE: Duration = Duration::from_secs(5);

/// The task that tells other processes of this one's changes.
///
/// After the commit, not in it: the server lets one transaction at a time tell anything, in all of
/// its databases, and none of ours shall wait for one that is stuck, or fail with it.
#[derive(Debug, Default)]
pub(super) struct Teller(OnceLock<Task>);

#[derive(Debug)]
struct Task {
    running: TaskTracker,
    stop: CancellationToken,
}

impl Teller {
    /// Begins, unless it has begun: before the first change, of which it then tells.
    pub(super) fn start(&self, pool: &PgPool, table: &Arc<ChangeTable>) {
        self.0.get_or_init(|| {
            let (running, stop) = (TaskTracker::new(), CancellationToken::new());
            // A connection of its own: one that is stuck is missed by nobody.
            let own = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
            let own =
                own.test_before_acquire(false).connect_lazy_with((*pool.connect_options()).clone());
            running.spawn(tell(own, table.own_changes(), stop.clone()));
            running.close();
            Task { running, stop }
        });
    }

    /// Ends when all is told, or that took too long.
    pub(super) async fn stop(&self) {
        if let Some(task) = self.0.get() {
            task.stop.cancel();
            task.running.wait().await;
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if let Some(task) = self.0.get() {
            task.stop.cancel();
        }
    }
}

/// Changes that come while one is being told are told together.
async fn tell(own: PgPool, mut changes: watch::Receiver<u64>, stop: CancellationToken) {
    loop {
        tokio::select! {
            biased;
            done = changes.changed() => if done.is_err() { break },
            () = stop.cancelled() => break,
        }
        let told = timeout(PATIENCE, async {
            match notify(&own).await {
                // By another connection: this one may have led to a server that is gone.
                Err(_) => notify(&own).await,
                told => told,
            }
        });
        let told = told.await;
        if let Err(error) = told.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed))) {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            tracing::debug!(target: "keyward", %error, source, "others are not told of changes, but poll");
        }
    }
    own.close().await;
}

async fn notify(own: &PgPool) -> Result<(), StoreError> {
    let mut lease = Lease::of(own).await?;
    sqlx::query("NOTIFY keyward").execute(&mut *lease).await.map_err(store_error)?;
    lease.give_back();
    Ok(())
}
