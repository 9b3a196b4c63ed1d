use std::io::{self, Read};

use serde_json::{Map, Value};

use super::Format;
use super::csv::Csv;
use super::faults::Fault;
use super::lines::Lines;
use crate::failure::{Failure, Result};

/// Most bytes of one record.
pub(super) const LONGEST: usize = 1 << 20;

/// One record of a file.
pub(super) struct Row {
    /// Where it begins, counted from 1.
    pub(super) line: u64,
    pub(super) fields: Result<Map<String, Value>, Fault>,
}

/// The records of a file, one after the other. Behind a record that is too long there are none.
pub(super) enum Rows<R> {
    Csv(Csv<R>),
    Lines(Lines<R>),
}

impl<R: Read> Rows<R> {
    pub(super) fn of(file: R, format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv(Csv::of(file)),
            Format::Jsonl => Self::Lines(Lines::of(file)),
        }
    }

    /// At most so many more.
    pub(super) fn take(&mut self, most: usize) -> Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(most);
        while rows.len() < most {
            let row = match self {
                Self::Csv(csv) => csv.next(),
                Self::Lines(lines) => lines.next(),
            };
            match row.map_err(unreadable)? {
                Some(row) => rows.push(row),
                None => break,
            }
        }
        Ok(rows)
    }
}

pub(super) fn too_long() -> Fault {
    Fault::new("a record has at most 1 MiB: what follows it was not read")
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unreadable(error: io::Error) -> Failure {
    Failure::environment(format!("cannot read the file to its end ({error}): try again"))
}
