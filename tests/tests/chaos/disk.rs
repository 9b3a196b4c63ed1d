//! A disk that is full for the processes that verify: they can read, and not sign.

use std::time::Duration;

use tokio::time::sleep;

use crate::fleet::Bounds;
use crate::stage::{Place, Stage};

const BOUNDS: Bounds =
    Bounds { max_staleness: Duration::from_secs(2), stale_if_error: Duration::ZERO };
const ASKING: &str = "the key store answers, and is asked about every key";

/// `max_staleness` 2 s, no `stale_if_error`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_makes_no_answer_wrong_and_none_unavailable() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite://{}", folder.path().join("keys.db").display());
    let stage = Stage::new(folder, Place::at(&store), 2, BOUNDS).await;
    let keys = stage.keys(5).await;
    let load = stage.ask(&keys);
    for program in &stage.fleet.programs {
        program.fill_disk(0);
    }
    stage.revoke(&keys[0]).await;
    sleep(BOUNDS.total()).await;
    stage.assert_refused(&keys[..1]).await;
    // Nobody could sign for so long that nobody is waited for.
    for number in 0..2 {
        stage.fleet.until_health(number, ASKING).await;
    }
    stage.revoke(&keys[1]).await;
    stage.assert_refused(&keys[..2]).await;
    for program in &stage.fleet.programs {
        program.clear_disk();
    }
    stage.until_ready().await;
    stage.revoke(&keys[2]).await;
    sleep(BOUNDS.total()).await;
    stage.assert_refused(&keys[..3]).await;
    let tally = load.end().await;
    assert_eq!(tally.good_unavailable, 0, "the store can be read: {tally}");
    tally.report("disk full for those that verify");
}
