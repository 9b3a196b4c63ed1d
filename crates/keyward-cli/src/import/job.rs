use std::io::{self, Read};
use std::pin::Pin;
use std::time::Instant;

use futures_util::FutureExt;
use keyward::manage::{ImportKey, Standing};
use serde_json::json;

use super::faults::{Fault, Faults};
use super::form::Form;
use super::rows::Rows;
use super::seen::Seen;
use super::source::Source;
use crate::failure::{Failure, Kind, Result};
use crate::keys::Session;
use crate::output;

/// So many keys are written in one transaction.
const BATCH: usize = 1_000;

/// Reads a file twice: the first time nothing is written.
pub(super) struct Job<'a> {
    session: &'a Session,
    form: Form<'a>,
    source: Source,
    interrupt: Pin<Box<dyn Future<Output = io::Result<()>>>>,
}

/// Some lines, and the keys in them.
type Batch = Vec<(u64, Result<ImportKey, Fault>)>;

/// How many keys.
#[derive(Default)]
struct Counts {
    new: u64,
    kept: u64,
}

impl<'a> Job<'a> {
    pub(super) fn new(session: &'a Session, form: Form<'a>, source: Source) -> Self {
        Self { session, form, source, interrupt: Box::pin(tokio::signal::ctrl_c()) }
    }

    pub(super) async fn run(mut self) -> Result<()> {
        let faults = self.check().await?;
        if let Some(failure) = faults.failure() {
            if self.session.json {
                let (bad, faults) = (faults.count(), faults.to_json());
                output::say_json(&json!({"imported": 0, "kept": 0, "bad": bad, "faults": faults}))?;
            } else {
                faults.tell();
            }
            return Err(failure);
        }
        let began = Instant::now();
        let Counts { new, kept } = self.write().await?;
        if self.session.json {
            return output::say_json(
                &json!({"imported": new, "kept": kept, "bad": 0, "faults": []}),
            );
        }
        let seconds = began.elapsed().as_secs_f64();
        output::say(&format!("{new} keys imported, {kept} kept already, in {seconds:.1} s"))
    }

    /// Finds every bad line.
    async fn check(&mut self) -> Result<Faults> {
        let (mut rows, progress) = self.source.rows("checking")?;
        let (mut faults, mut seen) = (Faults::default(), Seen::default());
        loop {
            if self.is_interrupted() {
                return Err(interrupted("nothing was imported"));
            }
            let batch = self.batch(&mut rows)?;
            if batch.is_empty() {
                break;
            }
            let (mut lines, mut keys) = (Vec::new(), Vec::new());
            for (line, key) in batch {
                match key.and_then(|key| seen.add(line, &key).map(|()| key)) {
                    Ok(key) => {
                        lines.push(line);
                        keys.push(key);
                    }
                    Err(fault) => faults.add(line, fault),
                }
            }
            let checked = self.session.manager.check_import(&keys).await?;
            for (line, checked) in lines.into_iter().zip(checked) {
                if let Err(error) = checked {
                    faults.add(line, error.into());
                }
            }
        }
        progress.finish_and_clear();
        faults.sort();
        Ok(faults)
    }

    /// Writes the keys, batch by batch.
    async fn write(&mut self) -> Result<Counts> {
        let (mut rows, progress) = self.source.rows("importing")?;
        let mut counts = Counts::default();
        loop {
            let batch = self.batch(&mut rows)?;
            let Some((first, _)) = batch.first() else { break };
            let first = *first;
            let done = counts.new + counts.kept;
            if self.is_interrupted() {
                return Err(interrupted(&format!("the first {done} keys of the file are here")));
            }
            let stopped = |why: &str| {
                format!("{why} (from line {first} on; the {done} keys before it are here)")
            };
            let keys = batch.into_iter().map(|(_, key)| key.ok()).collect::<Option<Vec<_>>>();
            let keys = keys.ok_or_else(|| {
                Failure::new(Kind::Conflict, stopped("the file has changed: do it again"))
            })?;
            for standing in self.session.manager.import(&keys).await.map_err(|error| {
                let failure = Failure::from(error);
                Failure::new(failure.kind(), stopped(&failure.to_string()))
            })? {
                match standing {
                    Standing::New => counts.new += 1,
                    Standing::Kept => counts.kept += 1,
                }
            }
        }
        progress.finish_and_clear();
        Ok(counts)
    }

    /// The next records as keys; none at the end.
    fn batch(&self, rows: &mut Rows<impl Read>) -> Result<Batch> {
        let read = |fields| self.form.read(fields);
        let rows = rows.take(BATCH)?.into_iter();
        Ok(rows.map(|row| (row.line, row.fields.and_then(read))).collect())
    }

    /// An interrupt counts between two batches only.
    fn is_interrupted(&mut self) -> bool {
        (&mut self.interrupt).now_or_never().is_some()
    }
}

fn interrupted(what: &str) -> Failure {
    let message = format!("interrupted, {what}: the same command goes on from there");
    Failure::new(Kind::Interrupted, message)
}
