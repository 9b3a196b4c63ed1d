//! The contract of programs, kept by one that is made with actix-web.

mod program;

const NAME: &str = "bigspin-actix";
const PROGRAM: &str = env!("CARGO_BIN_EXE_bigspin-actix-under-test");
