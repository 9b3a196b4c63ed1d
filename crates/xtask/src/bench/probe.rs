use crate::failure::{Failure, Result};
use crate::setup;
use crate::steps::cargo;

/// Builds the services, the probe and what drives them, optimised, and runs that.
pub(crate) fn run() -> Result<()> {
    setup::POSTGRES.provide()?;
    setup::REDIS.provide()?;
    let package = ["--profile", "bench", "--package", "keyward-tests"];
    let mut build = cargo(["build"]);
    build.args(package).args([
        "--bin",
        "quickstart-under-test",
        "--bin",
        "keyward-probe-under-test",
    ]);
    if !build.status()?.success() {
        return Err(Failure::new("the programs do not build"));
    }
    let status = cargo(["run", "--quiet"]).args(package).args(["--bin", "bench-probe"]).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new("revoked keys are let in for too long"))
    }
}
