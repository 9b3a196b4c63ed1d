//! What a verified key costs: time, allocations, memory.
//!
//! `cargo bench -p keyward` prints tables and fails when a bar does not hold; `-- --quick` only
//! shows that everything runs. Each part runs in a process of its own, so that none inherits the
//! heap of another.

mod allocations;
mod fixture;
mod latency;
mod memory;
mod oracle;
mod round;
mod samples;

use std::alloc::System;
use std::env;
use std::error::Error;
use std::process::{Command, ExitCode};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use self::round::Order;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PARTS: [&str; 6] = ["one", "zipf", "uniform", "allocations", "memory", "flood"];

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    // Cargo says `--bench` when it benches, and nothing when it tests.
    let quick = has("--quick") || !has("--bench");
    let asked: Vec<&str> = PARTS.into_iter().filter(|part| has(part)).collect();
    if let [part] = asked[..] {
        let holds = run(part, quick)?;
        return Ok(if holds || quick { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let mut code = ExitCode::SUCCESS;
    for part in if asked.is_empty() { PARTS.to_vec() } else { asked } {
        let mut command = Command::new(env::current_exe()?);
        command.arg(part).arg(if quick { "--quick" } else { "--bench" });
        if !command.status()?.success() {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// Whether every bar of this part holds.
fn run(part: &str, quick: bool) -> Result<bool> {
    let few = |full: u32, quickly: u32| if quick { quickly } else { full };
    let rounds = few(101, 5);
    match part {
        "one" => latency::run(1, Order::Uniform, rounds),
        "zipf" => latency::run(few(100_000, 1_000), Order::Zipf, rounds),
        "uniform" => latency::run(few(1_000_000, 2_000), Order::Uniform, rounds),
        "allocations" => allocations::run(few(1_000_000, 10_000)),
        "memory" => memory::cached_keys(few(1_000_000, 10_000)),
        _ => memory::unknown_keys(few(10_000_000, 10_000)),
    }
}
