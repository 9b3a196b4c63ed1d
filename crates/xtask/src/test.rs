use crate::failure::Result;
use crate::setup;
use crate::steps::{Steps, cargo};

/// What a release must pass, the quick before the slow.
pub(crate) fn run() -> Result<()> {
    println!("=== Programs that the tests need");
    setup::for_tests()?;
    let mut steps = Steps::default();
    for (title, only) in [
        ("Unit and integration tests", &["--lib", "--bins", "--tests"][..]),
        ("Examples in the documentation", &["--doc"]),
    ] {
        let workspace = ["test", "--workspace", "--all-features"];
        steps.run(title, cargo(workspace).args(only))?;
    }
    steps.run(
        "The benchmarks run",
        &mut cargo(["test", "--package", "keyward", "--bench", "verify", "--", "--quick"]),
    )?;
    steps.finish();
    Ok(())
}
