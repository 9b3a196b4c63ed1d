use std::io::{self, Read};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value};

use super::faults::Fault;
use super::form::FIELDS;
use super::rows::{LONGEST, Row, too_long};

/// Comma-separated values under a header line.
pub(super) struct Csv<R> {
    reader: Reader<Metered<R>>,
    columns: Option<Vec<String>>,
    is_over: bool,
}

/// Reads so much and no more.
struct Metered<R> {
    file: R,
    left: usize,
}

impl<R: Read> Csv<R> {
    pub(super) fn of(file: R) -> Self {
        let mut builder = ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).trim(Trim::All);
        let reader = builder.from_reader(Metered { file, left: 0 });
        Self { reader, columns: None, is_over: false }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            let Some((line, record)) = self.record()? else { return Ok(None) };
            let fields = match (&self.columns, record) {
                (_, Err(fault)) => Err(fault),
                (Some(columns), Ok(record)) => values(columns, &record),
                (None, Ok(record)) => match header(&record) {
                    Ok(columns) => {
                        self.columns = Some(columns);
                        continue;
                    }
                    Err(fault) => Err(fault),
                },
            };
            // Without a header nothing that follows has a meaning.
            self.is_over |= self.columns.is_none();
            return Ok(Some(Row { line, fields }));
        }
    }

    fn record(&mut self) -> io::Result<Option<(u64, Result<StringRecord, Fault>)>> {
        if self.is_over {
            return Ok(None);
        }
        // What the reader holds already comes on top: less than a record.
        self.reader.get_mut().left = LONGEST;
        let mut record = StringRecord::new();
        match self.reader.read_record(&mut record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                Ok(Some((line, Ok(record))))
            }
            Err(error) => {
                let line = self.reader.position().line();
                let fault = match error.into_kind() {
                    ErrorKind::Io(error) if error.kind() != io::ErrorKind::FileTooLarge => {
                        return Err(error);
                    }
                    ErrorKind::Io(_) => {
                        self.is_over = true;
                        too_long()
                    }
                    ErrorKind::Utf8 { pos, .. } => {
                        let fault = Fault::new("this is no text in UTF-8");
                        return Ok(Some((pos.map_or(line, |at| at.line()), Err(fault))));
                    }
                    _ => Fault::new("this is no line of CSV"),
                };
                Ok(Some((line, Err(fault))))
            }
        }
    }
}

fn header(record: &StringRecord) -> Result<Vec<String>, Fault> {
    for (index, column) in record.iter().enumerate() {
        let shown: String = column.escape_default().take(60).collect();
        if !FIELDS.contains(&column) {
            let known = FIELDS.join(", ");
            let message = format!("there is no column `{shown}`: the header names {known}");
            return Err(Fault::new(message));
        }
        if record.iter().take(index).any(|before| before == column) {
            return Err(Fault::new(format!("the header names `{shown}` twice")));
        }
    }
    Ok(record.iter().map(str::to_owned).collect())
}

fn values(columns: &[String], record: &StringRecord) -> Result<Map<String, Value>, Fault> {
    let (count, named) = (record.len(), columns.len());
    if count != named {
        return Err(Fault::new(format!("this has {count} values, and the header {named} columns")));
    }
    let values = columns.iter().zip(record);
    Ok(values.map(|(column, cell)| (column.clone(), value(column, cell))).collect())
}

/// What a cell means, as it stands in JSON. A cell that makes no sense stays the text that it is.
fn value(column: &str, cell: &str) -> Value {
    let text = || Value::from(cell);
    let words = || cell.split_ascii_whitespace().collect::<Value>();
    let json = || serde_json::from_str(cell).unwrap_or_else(|_| text());
    match column {
        // An empty list is a key that may do nothing, and has to be said of every key.
        "scopes" if cell != "all" => words(),
        _ if cell.is_empty() => Value::Null,
        "resources" if cell.starts_with('[') => json(),
        "resources" if cell != "all" => words(),
        "networks" => words(),
        "rate_limit_per_min" | "metadata" => json(),
        _ => text(),
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.left);
        if most == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.file.read(&mut buffer[..most])?;
        self.left -= read;
        Ok(read)
    }
}
