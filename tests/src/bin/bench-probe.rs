//! How long a revoked key is still let in, by eight processes over one store: what
//! `cargo xtask bench --probe` runs. Ends with an error when a window is longer than it may be.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use keyward_tests::{Postgres, Program, Redis};
use serde_json::Value;

const PROCESSES: usize = 8;
const ROUNDS: &str = "200";
/// Most that 99 of 100 windows may last where changes are pushed, in milliseconds.
const BAR: f64 = 50.0;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    println!(
        "From the end of a revocation to the last request that was let in, {PROCESSES} processes, \
         {ROUNDS} rounds, milliseconds\n"
    );
    println!("  {:<34}{:>8}{:>8}{:>8}{:>8}", "", "min", "median", "p99", "max");
    let (postgres, redis) = (Postgres::start(), Redis::start());
    let folder = tempfile::tempdir()?;
    let file = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let pushed = ["--redis", &redis.url()];
    let holds = [
        windows("PostgreSQL, pushed by NOTIFY", &postgres.database(), &[], Some(BAR)).await?,
        windows("SQLite, pushed over Redis", &file("pushed.db"), &pushed, Some(BAR)).await?,
        windows("SQLite, polled", &file("polled.db"), &[], None).await?,
    ];
    Ok(if holds == [true; 3] { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures, prints, and says whether the bar holds.
async fn windows(name: &str, store: &str, more: &[&str], bar: Option<f64>) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let mut programs = Vec::new();
    for _ in 0..PROCESSES {
        let arguments = [&["--store", store], more].concat();
        let program = program("quickstart-under-test")?;
        programs.push(Program::start(&program, folder.path(), &arguments).await);
    }
    let url = |program: &Program| format!("http://{}/public/api/v1/projects", program.address);
    let urls: Vec<String> = programs.iter().map(url).collect();
    let mut arguments = vec!["--store", store, "--scope", "projects-read", "--rounds", ROUNDS];
    arguments.push("--json");
    arguments.extend(more);
    arguments.extend(urls.iter().map(String::as_str));
    let probe = tokio::process::Command::new(program("keyward-probe-under-test")?)
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .await?;
    if !probe.status.success() {
        return Err(String::from_utf8_lossy(&probe.stderr).into());
    }
    let document: Value = serde_json::from_slice(&probe.stdout)?;
    let all = document["windows"].as_array().and_then(|all| all.last()).ok_or("no windows")?;
    let at = |name: &str| all[name].as_f64().ok_or("no number");
    let (min, median) = (at("min_ms")?, at("median_ms")?);
    let (p99, max) = (at("p99_ms")?, at("max_ms")?);
    print!("  {name:<34}{min:>8.1}{median:>8.1}{p99:>8.1}{max:>8.1}");
    let holds = bar.is_none_or(|bar| p99 <= bar);
    if let Some(bar) = bar {
        print!("  p99 at most {bar}: {}", if holds { "holds" } else { "DOES NOT HOLD" });
    }
    println!();
    Ok(holds)
}

/// One of the programs that are built beside this one.
fn program(name: &str) -> Result<String> {
    let own: PathBuf = std::env::current_exe()?;
    let path: &Path = &own.with_file_name(name);
    Ok(path.to_str().ok_or("a path that is text")?.to_owned())
}
