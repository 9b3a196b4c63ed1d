use crate::failure::{Failure, Result};
use crate::setup;
use crate::steps::cargo;

/// Runs the program that starts a server, fills it and asks for what it holds, optimised.
pub(crate) fn run() -> Result<()> {
    setup::POSTGRES.provide()?;
    let program = ["run", "--quiet", "--profile", "bench", "--package", "keyward-tests"];
    let status = cargo(program).args(["--bin", "bench-cold"]).status()?;
    if status.success() { Ok(()) } else { Err(Failure::new("cold keys take too long")) }
}
