//! Bigspin: the program itself, its keys from the command line while it runs, and the management
//! API that its dialect has chosen.

mod api;
mod command_line;
mod management;
mod properties;
mod rejections;

use std::time::Duration;

use keyward_tests::{Operator, Program, System};

use crate::PROGRAM;

const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward-under-test");
const API: &str = "/public/api/v1";
/// Within which time the program heeds what others do to its keys.
const BOUND: Duration = Duration::from_millis(200);

async fn start() -> System {
    let folder = tempfile::tempdir().unwrap();
    let staleness = format!("{}ms", BOUND.as_millis());
    let arguments = ["--store", "sqlite://bigspin.db", "--max-staleness", &staleness];
    let program = Program::start(PROGRAM, folder.path(), &arguments).await;
    System { client: program.client(API), program, folder }
}

fn operator(system: &System) -> Operator<'_> {
    Operator::of(KEYWARD, "bigspin", system)
}
