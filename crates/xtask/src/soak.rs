use crate::failure::Result;
use crate::setup;
use crate::steps::{Steps, cargo};

/// What takes too long for every day, as fast as it is in use.
pub(crate) fn run() -> Result<()> {
    println!("=== Programs that the tests need");
    setup::for_tests()?;
    let mut steps = Steps::default();
    let chaos = ["test", "--release", "--package", "keyward-tests", "--test", "chaos"];
    // One after the other: they measure.
    let only = ["--", "--ignored", "--nocapture", "--test-threads", "1", "soak"];
    steps.run("Long outages under load", cargo(chaos).args(only))?;
    steps.finish();
    Ok(())
}
