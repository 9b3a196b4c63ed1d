//! The program `keyward-probe`; [`keyward_cli::probe`] is all of it.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    keyward_cli::probe().await
}
