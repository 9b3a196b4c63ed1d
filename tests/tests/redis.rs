//! What this process changes is told over Redis before it ends, and whoever waits is heard.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use keyward::dialect::Dialect;
use keyward::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
use keyward::manage::KeyManager;
use keyward::redis::RedisPush;
use keyward::store::{ChangeFeed, Instances, KeyStore, SqliteStore, Write};
use keyward_tests::{Program, Redis};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward-under-test");
const PATIENCE: Duration = Duration::from_secs(30);

/// How often anybody has published.
fn published(redis: &Redis) -> usize {
    let statistics = redis.say(&["INFO", "commandstats"]);
    let calls = statistics.lines().find_map(|line| line.strip_prefix("cmdstat_publish:calls="));
    calls.map_or(0, |calls| calls.split(',').next().unwrap().parse().unwrap())
}

async fn store(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(folder.path().join("keys.db").to_str().unwrap()).await.unwrap()
}

fn insert(number: usize) -> Write {
    let id = KeyId::new(format!("key_{number}"));
    let digest = KeyDigest::sha256(&number.to_le_bytes());
    let record = Box::new(KeyRecord::new(id, "acme", "secret"));
    Write::Insert { digest: StoredDigest::new(digest, None), record }
}

#[tokio::test]
async fn the_last_change_is_told_before_the_push_ends() {
    let (redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let store = store(&folder).await;
    for number in 1..=10 {
        let push = RedisPush::new(&redis.url()).unwrap().start(store.table());
        store.commit(vec![insert(number)]).await.unwrap();
        push.shutdown().await;
        assert_eq!(published(&redis), number);
    }
    let push = RedisPush::new(&redis.url()).unwrap().start(store.table());
    push.shutdown().await;
    assert_eq!(published(&redis), 10, "nothing was left to be told");
}

#[tokio::test]
async fn a_push_ends_though_redis_is_gone_or_silent() {
    let (redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let store = store(&folder).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("redis://{}", silent.local_addr().unwrap());
    redis.kill();
    for (number, url) in [redis.url(), silent].iter().enumerate() {
        let push = RedisPush::new(url).unwrap().start(store.table());
        store.commit(vec![insert(number)]).await.unwrap();
        timeout(PATIENCE, push.shutdown()).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_waits_until_all_know_is_told_to_all_of_them() {
    let (redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let store = store(&folder).await;
    let push = RedisPush::new(&redis.url()).unwrap().start(store.table());
    for number in 1..=3 {
        store.await_all().await.unwrap();
        let begun = Instant::now();
        while published(&redis) < number {
            assert!(begun.elapsed() < PATIENCE, "it is told");
            sleep(Duration::from_millis(10)).await;
        }
    }
    push.shutdown().await;
}

#[tokio::test]
async fn what_the_command_line_changes_is_told_and_what_it_shows_is_not() {
    let (redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let manager = KeyManager::builder(Dialect::bigspin(), store(&folder).await);
    drop(manager.open().await.unwrap());
    let settings = format!("store = \"sqlite://keys.db\"\nredis = \"{}\"\n", redis.url());
    std::fs::write(folder.path().join("keyward.toml"), settings).unwrap();
    let keys = async |arguments: &[&str]| {
        let arguments = [&["keys"], arguments, &["--json"]].concat();
        let ended = Program::run(KEYWARD, folder.path(), &arguments).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        serde_json::from_str::<serde_json::Value>(&ended.stdout).unwrap()
    };
    let created = keys(&["create", "--name", "a key"]).await;
    assert_eq!(published(&redis), 1);
    keys(&["list"]).await;
    assert_eq!(published(&redis), 1);
    keys(&["revoke", created["id"].as_str().unwrap()]).await;
    assert_eq!(published(&redis), 2);
    let elsewhere = Redis::start();
    keys(&["reactivate", created["id"].as_str().unwrap(), "--redis", &elsewhere.url()]).await;
    assert_eq!((published(&redis), published(&elsewhere)), (2, 1), "the command line wins");

    let ended = Program::run(KEYWARD, folder.path(), &["keys", "list", "--redis", "hunter2"]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("redis://HOST:PORT"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}
