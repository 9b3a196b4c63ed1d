use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::steps::{Steps, cargo};

/// What must be clean before anybody reads a change.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::default();
    steps.run("Format", &mut cargo(["fmt", "--all", "--check"]))?;
    let everything = ["--workspace", "--all-features"];
    let mut clippy = cargo(["clippy", "--all-targets"]);
    steps.run("Clippy", clippy.args(everything).args(["--", "--deny", "warnings"]))?;
    let mut doc = cargo(["doc", "--no-deps"]);
    steps.run("Documentation", doc.args(everything).env("RUSTDOCFLAGS", "--deny warnings"))?;
    for (package, features) in packages()? {
        let check = ["check", "--package", &package, "--no-default-features"];
        steps.run(format!("{package} without features"), &mut cargo(check))?;
        for feature in features {
            let title = format!("{package} with the feature {feature} alone");
            steps.run(title, cargo(check).args(["--features", &feature]))?;
        }
    }
    steps.finish();
    Ok(())
}

/// The workspace's packages with their features, `default` left out.
fn packages() -> Result<Vec<(String, Vec<String>)>> {
    let unread = || Failure::new("cargo metadata does not look as expected");
    let packages = metadata()?["packages"].take();
    let Value::Array(packages) = packages else { return Err(unread()) };
    let read = |package: &Value| {
        let features = package["features"].as_object()?;
        let features = features.keys().filter(|name| *name != "default").cloned().collect();
        Some((package["name"].as_str()?.to_owned(), features))
    };
    packages.iter().map(read).collect::<Option<_>>().ok_or_else(unread)
}

/// What cargo knows of this workspace.
pub(crate) fn metadata() -> Result<Value> {
    let mut command: Command = cargo(["metadata", "--format-version=1", "--no-deps"]);
    let output = command.stderr(Stdio::inherit()).output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}
