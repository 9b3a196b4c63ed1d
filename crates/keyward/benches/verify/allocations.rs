use keyward::dialect::Dialect;
use keyward::key::KeyRecord;
use keyward::verify::Verifier;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use stats_alloc::Region;

use crate::fixture::{Head, Record, SCHEME, cached, heads, limited, record, runtime, verify_all};
use crate::oracle::Oracle;
use crate::samples::holds;
use crate::{ALLOCATOR, Result};

/// Counts the allocations of cached verifications beside those of bare moka gets.
pub(crate) fn run(gets: u32) -> Result<bool> {
    println!("\nHeap allocations in {gets} gets of 1000 keys");
    let heads = heads(1_000)?;
    let turns = gets / 1_000;

    let digests: Vec<[u8; 32]> =
        heads.iter().map(|head| Sha256::digest(&head[SCHEME.len()..]).into()).collect();
    let bare = Cache::builder().build_with_hasher(ahash::RandomState::new());
    for digest in &digests {
        bare.insert(*digest, Record::shared());
    }
    let region = Region::new(ALLOCATOR);
    for digest in (0..turns).flat_map(|_| &digests) {
        bare.get(digest).map(|record| record.has_expired(0)).ok_or("moka lost a key")?;
    }
    let moka = region.change().allocations;

    println!("  bare moka get                  {moka:>9}");

    let mut all = true;
    for (name, record) in
        [("warm verify", record as fn() -> KeyRecord), ("warm verify, keys with a limit", limited)]
    {
        let (ours, awaited) = verify(record, &heads, turns)?;
        // moka's own maintenance comes when it comes.
        let yes = ours <= moka + usize::try_from(turns / 10)? && awaited == 0;
        all &= yes;
        println!("  {name:<30} {ours:>9}  bar moka's own {}", holds(yes));
        println!("  one awaited                    {awaited:>9}");
    }
    Ok(all)
}

/// The allocations of so many turns, and of one more that is awaited.
fn verify(record: fn() -> KeyRecord, heads: &[Vec<u8>], turns: u32) -> Result<(usize, usize)> {
    let runtime = runtime()?;
    let oracle = Oracle::knows(record);
    let verifier = runtime.block_on(async {
        let verifier = Verifier::builder(Dialect::standard(), oracle.clone()).build()?;
        verify_all(&verifier, heads).await;
        Ok::<_, keyward::ConfigError>(verifier)
    })?;
    let region = Region::new(ALLOCATOR);
    for head in (0..turns).flat_map(|_| heads) {
        cached(&verifier, head).ok_or("a key was not cached")??;
    }
    let ours = region.change().allocations;
    // The future is not boxed either.
    let region = Region::new(ALLOCATOR);
    runtime.block_on(async { verifier.verify(&Head(&heads[0])).await })?;
    let awaited = region.change().allocations;
    runtime.block_on(verifier.shutdown());
    let asked = u64::try_from(heads.len())? * u64::from(turns + 1) + 1;
    if oracle.requests() != asked {
        return Err("a use was not recorded".into());
    }
    Ok((ours, awaited))
}
