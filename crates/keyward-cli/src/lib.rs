//! The program `keyward`: API keys from the command line, and over HTTP for services in any language;
//! and `keyward-probe`, which measures how long services let a revoked key in.
//!
//! It ends with 0 when the act is done, 1 when it is refused or there is no such key, 2 when the
//! command line or the environment is wrong. What a store may do with keys is `KeyManager`'s to say;
//! here is how an act is asked for and shown.

mod completions;
mod dialect;
mod failure;
mod head;
mod keys;
mod operator;
mod output;
mod probe;
mod serve;
mod settings;
mod show;
mod store;

use std::env;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use tracing_subscriber::EnvFilter;

use self::failure::{Failure, Result};

/// API keys: create, list, change, rotate, revoke and verify them, and serve all that over HTTP
#[derive(Parser)]
#[command(name = "keyward", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The keys of a store
    Keys(Box<keys::Keys>),
    /// Verifies and manages the keys of a store over HTTP
    Serve(Box<serve::Serve>),
    /// Prints the script by which a shell completes the command lines of this program
    Completions {
        /// Whose script
        shell: Shell,
    },
}

/// The whole program `keyward`, by the command line of this process.
pub async fn run() -> ExitCode {
    program(Cli::run).await
}

/// The whole program `keyward-probe`, by the command line of this process.
pub async fn probe() -> ExitCode {
    program(probe::Probe::run).await
}

async fn program<P: Parser, F>(run: impl FnOnce(P) -> F) -> ExitCode
where
    F: Future<Output = Result<()>>,
{
    log_to_stderr();
    // Before it is known whether the command line is sound.
    let json = env::args_os().any(|argument| argument == "--json");
    let done = match P::try_parse() {
        Ok(parsed) => run(parsed).await,
        // clap would repeat it.
        Err(_) if env::args_os().any(|argument| dialect::is_key(argument.as_encoded_bytes())) => {
            Err(Failure::usage(
                "a key stands on the command line, where others see it and the shell keeps it: \
                 give it to `keyward keys verify` on standard input, and rotate this one",
            ))
        }
        Err(error) if json && error.use_stderr() => Err(error.into()),
        Err(error) => error.exit(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(json),
    }
}

impl Cli {
    async fn run(self) -> Result<()> {
        match self.command {
            Command::Keys(keys) => keys.run().await,
            Command::Serve(serve) => serve.run().await,
            Command::Completions { shell } => completions::print(shell),
        }
    }
}

/// `RUST_LOG` says how much is logged: what keyward warns of, by default.
fn log_to_stderr() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("keyward=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        // A log that cannot be written must not end what is logged.
        .log_internal_errors(false)
        .init();
}
