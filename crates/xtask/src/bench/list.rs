use crate::failure::{Failure, Result};
use crate::steps::cargo;

/// Runs the program that fills a store and manages its keys, optimised.
pub(crate) fn run() -> Result<()> {
    let program = ["run", "--quiet", "--profile", "bench", "--package", "xtask"];
    let status = cargo(program).args(["--features", "list", "--bin", "bench-list"]).status()?;
    if status.success() { Ok(()) } else { Err(Failure::new("a page of many keys takes too long")) }
}
