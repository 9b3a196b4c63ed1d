use crate::failure::{Failure, Result};
use crate::steps::cargo;

/// Builds the service and what floods it, optimised, and runs that.
pub(crate) fn run() -> Result<()> {
    let package = ["--profile", "bench", "--package", "keyward-tests"];
    if !cargo(["build"]).args(package).args(["--bin", "quickstart-under-test"]).status()?.success()
    {
        return Err(Failure::new("the program does not build"));
    }
    let status = cargo(["run", "--quiet"]).args(package).args(["--bin", "bench-flood"]).status()?;
    if status.success() { Ok(()) } else { Err(Failure::new("a flood of unknown keys is felt")) }
}
