//! The commands of this workspace: `cargo xtask setup | test | lint | bench | soak`.

mod bench;
mod failure;
mod lint;
mod setup;
mod soak;
mod steps;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::failure::Failure;

#[derive(Parser)]
#[command(about = "The commands of this workspace")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Finds the programs that the tests need, and installs them where it may
    Setup,
    /// Sets up, then runs every test
    Test,
    /// Sets up, then runs the tests that take minutes: long outages under load
    Soak,
    /// Format, clippy, documentation, and each feature alone
    Lint,
    /// Compares a server with keyward, one without, and two with a layer written by hand
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Setup => setup::for_tests(),
        Command::Test => test::run(),
        Command::Soak => soak::run(),
        Command::Lint => lint::run(),
        Command::Bench(options) => bench::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            eprintln!("xtask: {message}");
            code.into()
        }
    }
}
