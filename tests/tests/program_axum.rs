//! The contract of programs, kept by the one to try first.

mod program;

const NAME: &str = "quickstart";
const PROGRAM: &str = env!("CARGO_BIN_EXE_quickstart-under-test");
