use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::hash::BuildHasher;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::server;
use crate::failure::{Failure, Result};
use crate::steps::cargo;

const KEYS: u32 = 1_000_000;
/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Imports a million keys into SQLite, and then once more, when all are kept already.
pub(crate) fn run() -> Result<()> {
    let build = ["build", "--profile", "bench", "--package", "keyward-cli", "--bin", "keyward"];
    if !cargo(build).status()?.success() {
        return Err(Failure::new("keyward does not build"));
    }
    let program = server::program("keyward")?;
    let folder = tempfile::tempdir()?;
    write(&folder.path().join("keys.csv"))?;
    for title in ["new keys", "the same once more"] {
        let began = Instant::now();
        let peak = import(&program, folder.path())?;
        let seconds = began.elapsed().as_secs_f64();
        let rate = f64::from(KEYS) / seconds;
        println!("{title}: {KEYS} in {seconds:.1} s, {rate:.0} a second, {peak} KiB at most");
    }
    Ok(())
}

/// A file of keys whose digests are those of nothing.
fn write(path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let random = RandomState::new();
    writeln!(file, "digest,id,name,workspace,scopes")?;
    for number in 0..KEYS {
        let mut digest = String::new();
        for part in 0..4 {
            let _ = write!(digest, "{:016x}", random.hash_one((number, part)));
        }
        let workspace = number % 1_000;
        writeln!(file, "{digest},key_{number},key {number},workspace {workspace},projects-read")?;
    }
    Ok(file.flush()?)
}

/// The most memory that an import took, as the kernel says it.
fn import(program: &PathBuf, folder: &Path) -> Result<String> {
    let mut command = Command::new(program);
    command.args(["import", "keys.csv", "--algorithm", "sha256"]).current_dir(folder);
    command.args(["--store", "sqlite://keys.db", "--dialect", "bigspin"]);
    let mut child = command.spawn()?;
    let mut peak = String::new();
    loop {
        peak = high_water(&child).unwrap_or(peak);
        if let Some(status) = child.try_wait()? {
            return if status.success() { Ok(peak) } else { Err(Failure::new("keys are refused")) };
        }
        sleep(LOOK);
    }
}

fn high_water(child: &Child) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").to_owned())
}
