//! Standard output has what was asked for, standard error the rest.

use std::io::{self, ErrorKind, Write};

use serde_json::Value;

use crate::failure::{Failure, Kind, Result};

/// Writes to standard output, and hands it on.
pub(crate) fn write(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::new(Kind::Unread, "nobody reads standard output"),
        _ => Failure::environment(format!(
            "cannot write to standard output ({error}): send it elsewhere"
        )),
    })
}

/// Writes a line, or several.
pub(crate) fn say(text: &str) -> Result<()> {
    write(format!("{text}\n").as_bytes())
}

/// Writes a JSON document, as one line.
pub(crate) fn say_json(document: &Value) -> Result<()> {
    say(&document.to_string())
}

/// Tells people something on standard error. Nobody has to read it: `eprintln!` would panic.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
