use std::convert::Infallible;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use keyward_core::store::ChangeTable;
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Acquire, Connection, PgPool};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

const CHANNEL: &str = "keyward";
/// After so much silence it is asked whether the server is still there.
const SILENCE: Duration = Duration::from_secs(30);
/// How long it may take to connect, to be let listen, and to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first pause before another attempt; each is twice as long, to the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(10)];

/// The task that hears of changes that other processes commit. It only wakes the poll, and ends with
/// the store.
#[derive(Debug, Default)]
pub(super) struct Listener(OnceLock<AbortHandle>);

impl Listener {
    /// Begins, unless it has begun.
    pub(super) fn start(&self, pool: &PgPool, table: &Arc<ChangeTable>) {
        self.0.get_or_init(|| {
            let (pool, table) = (pool.clone(), Arc::clone(table));
            tokio::spawn(listen(pool, table)).abort_handle()
        });
    }

    pub(super) fn stop(&self) {
        if let Some(task) = self.0.get() {
            task.abort();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn listen(pool: PgPool, table: Arc<ChangeTable>) {
    let [first, last] = PAUSES;
    let mut pause = first;
    loop {
        let began = Instant::now();
        let Err(error) = hear(&pool, &table).await;
        // The poll goes on; whether the store is there, it says.
        tracing::debug!(target: "keyward", %error, "changes are not heard of, but polled");
        if began.elapsed() > last {
            pause = first;
        }
        // Not all processes at one time.
        sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        pause = (pause * 2).min(last);
    }
}

/// Wakes the poll at each change, until the connection is lost.
async fn hear(pool: &PgPool, table: &ChangeTable) -> Result<Infallible, sqlx::Error> {
    // A connection of its own: those of the pool are for questions.
    let options = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
    let options = options.max_lifetime(None).idle_timeout(None);
    let own = options.connect_lazy_with((*pool.connect_options()).clone());
    let mut listener = within(PgListener::connect_with(&own)).await?;
    listener.eager_reconnect(false);
    within(listener.listen(CHANNEL)).await?;
    // Nobody told what changed until now.
    table.wake();
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(_))) => table.wake(),
            Ok(Ok(None)) => return Err(io::Error::from(io::ErrorKind::ConnectionReset).into()),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                within(async { listener.acquire().await?.ping().await }).await?;
            }
        }
    }
}

async fn within<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(PATIENCE, asked).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}
