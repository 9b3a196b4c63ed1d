//! systemprompt.io: the program itself, its keys from the command line while it runs, and the
//! management API that its dialect has chosen.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod command_line;
mod in_flight;
mod lists;
mod management;
mod properties;
mod rejections;
mod resources;
mod sandbox;

use std::time::Duration;

use keyward_tests::{Operator, Program, System};

const SYSTEMPROMPT: &str = env!("CARGO_BIN_EXE_systemprompt-under-test");
const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward-under-test");
const API: &str = "/api/v1";
const RESOURCES: [&str; 5] = ["skills", "agents", "plugins", "content", "mcp"];
/// Within which time the program heeds what others do to its keys.
const BOUND: Duration = Duration::from_millis(200);

async fn start() -> System {
    let folder = tempfile::tempdir().unwrap();
    let staleness = format!("{}ms", BOUND.as_millis());
    let arguments = ["--max-staleness", &staleness];
    let program = Program::start(SYSTEMPROMPT, folder.path(), &arguments).await;
    System { client: program.client(API), program, folder }
}

fn operator(system: &System) -> Operator<'_> {
    Operator::of(KEYWARD, "systemprompt", system)
}
