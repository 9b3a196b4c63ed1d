use std::path::Path;
use std::time::Duration;

use keyward::key::PlainKey;
use keyward::manage::{KeyManager, NewKey};
use keyward_tests::{Client, Program};

use crate::load::{Load, Subject};
use crate::stage::Place;

/// Within which time a process refuses a key of whose end it does not hear.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) max_staleness: Duration,
    pub(crate) stale_if_error: Duration,
}

impl Bounds {
    pub(crate) fn total(self) -> Duration {
        self.max_staleness + self.stale_if_error
    }
}

/// Processes that verify the keys of one store: `web-0`, `web-1` and so on.
pub(crate) struct Fleet {
    pub(crate) programs: Vec<Program>,
    bounds: Bounds,
}

impl Fleet {
    pub(crate) async fn start(
        place: Place<'_>,
        folder: &Path,
        size: usize,
        bounds: Bounds,
    ) -> Self {
        let millis = |duration: Duration| duration.as_millis().to_string();
        let (max_staleness, stale_if_error) =
            (millis(bounds.max_staleness), millis(bounds.stale_if_error));
        let mut programs = vec![];
        for number in 0..size {
            let name = format!("web-{number}");
            let mut arguments = vec![place.fleet, &name, &max_staleness, &stale_if_error];
            arguments.extend(place.redis);
            let instance = env!("CARGO_BIN_EXE_instance");
            programs.push(Program::start(instance, folder, &arguments).await);
        }
        let fleet = Self { programs, bounds };
        for number in 0..size {
            fleet.until_health(number, "ready").await;
        }
        fleet
    }

    pub(crate) fn client(&self, number: usize) -> Client {
        self.programs[number].client("")
    }

    /// Waits until one of them says this of itself.
    pub(crate) async fn until_health(&self, number: usize, health: &str) {
        let client = self.client(number);
        let reached = async {
            while client.get_without_key("/health").await.body != health {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let reached = tokio::time::timeout(Duration::from_mins(1), reached).await;
        assert!(reached.is_ok(), "web-{number} is not: {health}");
    }

    /// Asks every process, all the time, about all of these.
    pub(crate) fn ask(&self, subjects: &[Subject]) -> Load {
        let clients = (0..self.programs.len()).map(|number| self.client(number)).collect();
        Load::begin(clients, subjects, self.bounds.total())
    }

    /// Asks every process about a key until all have accepted it.
    pub(crate) async fn warm(&self, subject: &Subject) {
        for number in 0..self.programs.len() {
            let answer = self.client(number).get("/", subject.key()).await;
            assert_eq!(answer.status, 200, "web-{number}: {}", answer.body);
        }
    }
}

/// A new key that works.
pub(crate) async fn create(manager: &KeyManager) -> Subject {
    let issued = manager.create(NewKey::new("acme", "a test's key")).await.expect("a key");
    Subject::known(issued.record.id, &issued.key)
}

/// A key that nobody made.
pub(crate) fn unknown(number: usize) -> Subject {
    Subject::unknown(&PlainKey::new(format!("sk-bigspin-api03-nobodys{number:036}")))
}
