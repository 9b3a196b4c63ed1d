//! One SQLite file, several processes, and a Redis over which they push. Redis is never the truth:
//! whatever becomes of it, the poll holds the bound.

use std::time::Duration;

use keyward_tests::{Network, Proxy, Redis};
use tokio::time::{sleep, timeout};

use crate::fleet::Bounds;
use crate::load::Subject;
use crate::stage::{Place, Stage};

/// `stale_if_error` is off.
const BOUNDS: Bounds =
    Bounds { max_staleness: Duration::from_secs(2), stale_if_error: Duration::ZERO };
const SIZE: usize = 3;
/// Between two revocations; not in step with the polls, of which there are two a second.
const PAUSE: Duration = Duration::from_millis(720);

/// Waits until all processes, and whoever manages keys, hear what is told.
async fn until_heard(redis: &Redis) {
    let all = format!("keyward:changes\n{}", SIZE + 1);
    let heard = async {
        while redis.say(&["PUBSUB", "NUMSUB", "keyward:changes"]) != all {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(30), heard).await.expect("everybody subscribes again");
}

async fn revoke_each(stage: &Stage, keys: &[Subject], network: &str) {
    let load = stage.ask(keys);
    for key in &keys[..3] {
        stage.revoke(key).await;
        sleep(PAUSE).await;
    }
    sleep(BOUNDS.total()).await;
    let tally = load.end().await;
    assert_eq!(tally.good_unavailable, 0, "the store answers: {tally}");
    tally.report(network);
    stage.assert_refused(&keys[..3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_becomes_of_redis_a_revoked_key_is_refused_within_the_bound() {
    let redis = Redis::start();
    let network = Proxy::before(redis.port()).await;
    let url = network.instead_of(redis.port(), &redis.url());
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite://{}", folder.path().join("keys.db").display());
    let place = Place { redis: Some(&url), ..Place::at(&store) };
    let stage = Stage::new(folder, place, SIZE, BOUNDS).await;
    until_heard(&redis).await;
    let keys = stage.keys(20).await;
    let mut waves = keys.chunks(4);
    let mut wave = || waves.next().expect("keys enough");

    revoke_each(&stage, wave(), "Redis").await;
    redis.kill();
    revoke_each(&stage, wave(), "Redis killed").await;
    redis.restart();
    until_heard(&redis).await;
    revoke_each(&stage, wave(), "Redis started again").await;
    redis.say(&["CLIENT", "KILL", "TYPE", "pubsub"]);
    revoke_each(&stage, wave(), "connections that subscribe cut").await;
    until_heard(&redis).await;
    network.be(Network::Silent);
    revoke_each(&stage, wave(), "all messages lost").await;
}
