use std::fs;
use std::time::Instant;

use keyward::dialect::Dialect;
use keyward::verify::Verifier;

use crate::Result;
use crate::fixture::{heads, record, runtime, verify_all};
use crate::oracle::Oracle;
use crate::samples::holds;

/// How far the process grows while it comes to know so many keys.
pub(crate) fn cached_keys(keys: u32) -> Result<bool> {
    println!("\nMemory of {keys} cached keys");
    grow(keys, &Oracle::knows(record), usize::try_from(keys)?, 600)
}

/// How far it grows while it is sent so many keys that do not exist.
pub(crate) fn unknown_keys(keys: u32) -> Result<bool> {
    println!("\nMemory after {keys} different unknown keys");
    grow(keys, &Oracle::default(), 0, 64)
}

fn grow(keys: u32, oracle: &Oracle, expected: usize, bar: u64) -> Result<bool> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let verifier = Verifier::builder(Dialect::standard(), oracle.clone())
            .with_cached_keys(keys.into())
            .build()?;
        let before = resident()?;
        let started = Instant::now();
        let mut admitted = 0;
        for first in (0..keys).step_by(512) {
            let heads = heads(512.min(keys - first))?;
            admitted += verify_all(&verifier, &heads).await;
        }
        let seconds = started.elapsed().as_secs_f64();
        let grown = resident()?.saturating_sub(before);
        verifier.shutdown().await;
        if admitted != expected || oracle.requests() != u64::try_from(expected)? {
            return Err("a key was not judged as this benchmark expects".into());
        }
        let yes = grown <= bar;
        println!("  grown by {grown} MB in {seconds:.1} s  bar {bar} {}", holds(yes));
        Ok(yes)
    })
}

/// Resident memory of this process in millions of bytes.
fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")
        .map_err(|error| format!("memory is measured on Linux only: /proc/self/status: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: u64 = number.ok_or("/proc/self/status has no VmRSS")?.parse()?;
    Ok(kibibytes * 1024 / 1_000_000)
}
