use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, Reach};
use keyward::redis::{RedisPush, RunningPush};
use keyward::store;
use tempfile::TempDir;

use crate::fleet::{Bounds, Fleet, create, unknown};
use crate::load::{Load, Subject};

/// Processes over one store, and whoever manages its keys.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) manager: KeyManager,
    pub(crate) fleet: Fleet,
    _push: Option<RunningPush>,
}

/// Where the store is.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// For whoever manages keys.
    pub(crate) store: &'a str,
    /// For the processes, which may have another way to it.
    pub(crate) fleet: &'a str,
    /// Over which Redis all of them push, if any.
    pub(crate) redis: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The same for everybody, without Redis.
    pub(crate) fn at(store: &'a str) -> Self {
        Self { store, fleet: store, redis: None }
    }
}

impl Stage {
    pub(crate) async fn new(
        folder: TempDir,
        place: Place<'_>,
        size: usize,
        bounds: Bounds,
    ) -> Self {
        let store = store::open(place.store).await.expect("a store");
        let push = place.redis.zip(store.feed()).map(|(redis, feed)| {
            RedisPush::new(redis).expect("a URL of Redis").start(feed.table())
        });
        let manager = KeyManager::builder(Dialect::bigspin(), store).open().await.expect("a store");
        let fleet = Fleet::start(place, folder.path(), size, bounds).await;
        Self { folder, manager, fleet, _push: push }
    }

    /// Keys that every process knows.
    pub(crate) async fn keys(&self, count: usize) -> Vec<Subject> {
        let mut keys = vec![];
        for _ in 0..count {
            let key = create(&self.manager).await;
            self.fleet.warm(&key).await;
            keys.push(key);
        }
        keys
    }

    /// Asks every process, all the time, about these and about keys that nobody made.
    pub(crate) fn ask(&self, keys: &[Subject]) -> Load {
        let subjects: Vec<Subject> = keys.iter().cloned().chain((0..3).map(unknown)).collect();
        self.fleet.ask(&subjects)
    }

    pub(crate) async fn revoke(&self, key: &Subject) {
        let revocation = self.manager.revoke(key.id(), Reach::Key);
        key.revoke(revocation).await.expect("a revocation");
    }

    /// Asks every process about keys whose time is over everywhere.
    pub(crate) async fn assert_refused(&self, keys: &[Subject]) {
        for number in 0..self.fleet.programs.len() {
            for key in keys {
                let status = self.fleet.client(number).get("/", key.key()).await.status;
                assert_eq!(status, 401, "web-{number}");
            }
        }
    }

    pub(crate) async fn until_ready(&self) {
        for number in 0..self.fleet.programs.len() {
            self.fleet.until_health(number, "ready").await;
        }
    }
}
