use std::fmt::Display;
use std::io::{self, Write};

/// Says what a test saw, also where it passes: what macros print, libtest keeps to itself.
pub fn say(seen: impl Display) {
    let line = format!("saw: {seen}\n");
    io::stdout().write_all(line.as_bytes()).expect("standard output");
}
