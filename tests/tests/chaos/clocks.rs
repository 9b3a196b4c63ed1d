//! Calendars that are set while keys are asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use keyward::axum::{ApiKey, ApiKeyAuth};
use keyward::clock::{Clock, Now, SystemClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, Reach};
use keyward::store::SqliteStore;
use keyward::verify::Verifier;
use keyward_tests::Server;
use tokio::time::sleep;

use crate::fleet::{create, unknown};
use crate::load::{Load, Subject};

/// `stale_if_error` is off.
const MAX_STALENESS: Duration = Duration::from_secs(2);
const HOUR: i64 = 3_600_000;
const YEAR: i64 = 365 * 24 * HOUR;

/// A machine whose calendar somebody sets.
struct Machine {
    clock: SystemClock,
    /// In milliseconds.
    step: AtomicI64,
}

impl Clock for Machine {
    fn now(&self) -> Now {
        let now = self.clock.now();
        let millis = now.timestamp.as_millis() + self.step.load(Ordering::SeqCst);
        Now { timestamp: Timestamp::from_millis(millis), ..now }
    }
}

/// Each verifier has a handle and a calendar of its own, as in two processes on two machines.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_of_the_calendar_makes_no_answer_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.db").display().to_string();
    let store = async || SqliteStore::open(&path).await.expect("a store");
    let manager = KeyManager::builder(Dialect::bigspin(), store().await);
    let manager = manager.open().await.expect("a store");
    let mut machines: Vec<Arc<Machine>> = vec![];
    let mut servers = vec![];
    for _ in 0..2 {
        let machine = Machine { clock: SystemClock::new(), step: AtomicI64::new(0) };
        machines.push(Arc::new(machine));
        let verifier = Verifier::builder(Dialect::bigspin(), store().await)
            .with_max_staleness(MAX_STALENESS)
            .with_clock(machines[machines.len() - 1].clone())
            .build()
            .expect("a verifier");
        let router = Router::new().route("/", get(|_: ApiKey| async {}));
        servers.push(Server::start(router.layer(ApiKeyAuth::new(verifier))).await);
    }
    let mut keys = vec![];
    for _ in 0..6 {
        keys.push(create(&manager).await);
    }
    let subjects: Vec<Subject> = keys.iter().cloned().chain((0..2).map(unknown)).collect();
    let clients = servers.iter().map(Server::client).collect();
    let load = Load::begin(clients, &subjects, MAX_STALENESS);
    for (key, step) in keys.iter().zip([HOUR, -HOUR, YEAR, -YEAR]) {
        sleep(MAX_STALENESS / 4).await;
        machines[0].step.store(step, Ordering::SeqCst);
        sleep(MAX_STALENESS / 4).await;
        key.revoke(manager.revoke(key.id(), Reach::Key)).await.expect("a revocation");
    }
    sleep(MAX_STALENESS).await;
    let tally = load.end().await;
    assert_eq!(tally.good_unavailable, 0, "the store answers: {tally}");
    tally.report("a calendar set by an hour and a year, forth and back");
    for (number, key) in keys.iter().enumerate() {
        for server in &servers {
            let status = server.client().get("/", key.key()).await.status;
            assert_eq!(status, if number < 4 { 401 } else { 200 });
        }
    }
}
