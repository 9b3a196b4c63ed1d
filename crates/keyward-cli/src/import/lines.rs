use std::io::{self, BufRead, BufReader, Read};

use serde_json::Value;

use super::faults::Fault;
use super::rows::{LONGEST, Row, too_long};

/// JSON lines.
pub(super) struct Lines<R> {
    file: BufReader<R>,
    line: u64,
    text: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(file: R) -> Self {
        Self { file: BufReader::with_capacity(1 << 16, file), line: 0, text: Vec::new() }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            if self.text.len() > LONGEST {
                return Ok(None);
            }
            self.text.clear();
            let mut rest = self.file.by_ref().take(LONGEST as u64 + 1);
            if rest.read_until(b'\n', &mut self.text)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if self.text.len() > LONGEST {
                return Ok(Some(Row { line: self.line, fields: Err(too_long()) }));
            }
            let text = self.text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.text).trim_ascii();
            if text.is_empty() {
                continue;
            }
            // Not the parser's own sentence, which may show what stands there.
            let fields = match serde_json::from_slice(text) {
                Ok(Value::Object(fields)) => Ok(fields),
                Ok(_) => Err(Fault::new("this is no JSON object: write {\"name\":…}")),
                Err(error) => {
                    let column = error.column();
                    Err(Fault::new(format!("this is no JSON, from character {column} on")))
                }
            };
            return Ok(Some(Row { line: self.line, fields }));
        }
    }
}
