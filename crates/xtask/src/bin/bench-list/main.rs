//! Manages the keys of one workspace in a store of a million, for `cargo xtask bench --list`.

mod dashboard;
mod fill;
#[path = "../../bench/spread.rs"]
mod spread;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use keyward::dialect::Dialect;
use keyward::key::KeyId;
use keyward::manage::{KeyManager, ListKeys, NewKey, Reach, Rotate, Status};
use keyward::store::SqliteStore;

use self::fill::{KEYS, WORKSPACE, fill};
use self::spread::Spread;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const ROUNDS: usize = 51;
const PAGE: usize = 50;
/// Most that the last page may take, in first ones.
const BAR: f64 = 2.0;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("keyward.db").display().to_string();
    let store = SqliteStore::open(path).await?;
    let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await?;
    let ids = fill(&store, manager.dialect()).await?;
    let manager = manager.within(WORKSPACE);

    println!(
        "{KEYS} keys of one workspace in SQLite, a tenth of them revoked; pages of {PAGE} active \
         keys; milliseconds, median (quartiles) of {ROUNDS} rounds\n"
    );
    let mut holds = pages(&manager).await?;
    holds &= dashboard::pages(&manager).await?;
    single(&manager, &ids).await?;
    store.close().await;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn pages(manager: &KeyManager) -> Result<bool> {
    let active = ListKeys::new().with_status(Status::Active).with_limit(PAGE);
    let last = manager.count(&active).await? - PAGE as u64;
    let before_last = manager.list(&active.clone().with_limit(1).with_offset(last - 1)).await?;
    let cursor = before_last.next.ok_or("there is a last page")?;
    let by_cursor = [active.clone(), active.clone().with_after(cursor)];
    let by_offset = [active.clone().with_offset(0), active.clone().with_offset(last)];

    let mut holds = true;
    for (how, pages) in [("cursor", by_cursor), ("offset, with the count", by_offset)] {
        let [mut first, mut last, mut ratios] = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            let [one, other] =
                [time_of(manager, &pages[0]).await?, time_of(manager, &pages[1]).await?];
            first.push(one);
            last.push(other);
            ratios.push(other / one);
        }
        let ratio = Spread::of(ratios);
        let yes = ratio.median <= BAR;
        holds &= yes;
        println!("  {:<36}{:.3}", format!("first page by {how}"), Spread::of(first));
        println!("  {:<36}{:.3}", format!("last page by {how}"), Spread::of(last));
        let verdict = if yes { "holds" } else { "DOES NOT HOLD" };
        println!("  {:<36}{ratio:.3}  bar {BAR} {verdict}", "last / first");
    }
    Ok(holds)
}

/// The milliseconds that a page takes, which has to be full.
async fn time_of(manager: &KeyManager, keys: &ListKeys) -> Result<f64> {
    let started = Instant::now();
    let page = manager.list(keys).await?;
    let taken = millis(started);
    if page.keys.len() == PAGE { Ok(taken) } else { Err("a page is not full".into()) }
}

/// What is done to one key, another active one each time.
async fn single(manager: &KeyManager, ids: &[KeyId]) -> Result<()> {
    let [mut get, mut revoke, mut create, mut rotate] = [const { Vec::new() }; 4];
    let spread = ids.len() / (2 * ROUNDS);
    for pair in ids.chunks(2 * spread).take(ROUNDS) {
        let (one, other) = (&pair[0], &pair[spread]);
        let started = Instant::now();
        manager.get(one).await?;
        get.push(millis(started));
        let started = Instant::now();
        manager.revoke(one, Reach::Key).await?;
        revoke.push(millis(started));
        let started = Instant::now();
        manager.create(NewKey::new(WORKSPACE, "one key more")).await?;
        create.push(millis(started));
        let started = Instant::now();
        manager.rotate(other, Rotate::now()).await?;
        rotate.push(millis(started));
    }
    for (act, times) in [("get", get), ("revoke", revoke), ("create", create), ("rotate", rotate)] {
        println!("  {act:<36}{:.3}", Spread::of(times));
    }
    Ok(())
}

fn millis(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}
