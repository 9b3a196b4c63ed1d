use keyward::manage::ManageError;
use serde_json::{Value, json};

use crate::failure::{Failure, Kind};
use crate::output;
use crate::show::harmless;

/// So many bad lines are named.
const NAMED: usize = 100;

/// What is wrong with a record.
pub(super) struct Fault {
    field: Option<&'static str>,
    message: String,
}

/// The bad lines of a file.
#[derive(Default)]
pub(super) struct Faults {
    named: Vec<(u64, Fault)>,
    count: u64,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { field: None, message: message.into() }
    }

    pub(super) fn of(field: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), message: message.into() }
    }

    fn sentence(&self) -> String {
        match self.field {
            Some(field) => format!("{field}: {}", self.message),
            None => self.message.clone(),
        }
    }
}

impl From<ManageError> for Fault {
    fn from(error: ManageError) -> Self {
        Self { field: error.field(), message: error.to_string() }
    }
}

impl Faults {
    pub(super) fn add(&mut self, line: u64, fault: Fault) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push((line, fault));
        }
    }

    /// In the order of the lines: what is no record is found before what breaks a rule.
    pub(super) fn sort(&mut self) {
        self.named.sort_by_key(|(line, _)| *line);
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Names the bad lines to people.
    pub(super) fn tell(&self) {
        for (line, fault) in &self.named {
            output::tell(&harmless(&format!("line {line}: {}", fault.sentence())));
        }
        let more = self.count - self.named.len() as u64;
        if more > 0 {
            output::tell(&format!("… and {more} more"));
        }
    }

    /// Names the bad lines to scripts.
    pub(super) fn to_json(&self) -> Value {
        let named = self.named.iter().map(
            |(line, fault)| json!({"line": line, "field": fault.field, "message": fault.message}),
        );
        named.collect()
    }

    /// Nothing was written because of them, if there are any.
    pub(super) fn failure(&self) -> Option<Failure> {
        let lines = match self.count {
            0 => return None,
            1 => "one line is".to_owned(),
            count => format!("{count} lines are"),
        };
        let message =
            format!("{lines} bad, and nothing was imported: mend the file, and do it again");
        Some(Failure::new(Kind::Refused, message))
    }
}
