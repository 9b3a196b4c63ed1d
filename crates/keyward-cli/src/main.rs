//! The program `keyward`; [`keyward_cli`] is all of it.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    keyward_cli::run().await
}
