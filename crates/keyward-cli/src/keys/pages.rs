use std::io::{self, IsTerminal};
use std::pin::Pin;

use comfy_table::Cell;
use indicatif::{ProgressBar, ProgressFinish};
use keyward::manage::ManageError;
use serde_json::Value;

use super::session::Session;
use crate::failure::{Failure, Kind, Result};
use crate::{output, show};

/// So many are asked for at once. What is shown is shown page by page, however many there are.
pub(super) const PAGE: usize = 100;

/// A list that is shown page by page, to its end or until somebody interrupts it.
pub(super) struct Pages<const N: usize> {
    json: bool,
    table: show::List<N>,
    /// What is listed, in the plural.
    noun: &'static str,
    count: u64,
    progress: ProgressBar,
    interrupt: Pin<Box<dyn Future<Output = io::Result<()>>>>,
}

impl<const N: usize> Pages<N> {
    pub(super) fn of(
        session: &Session,
        noun: &'static str,
        columns: &'static show::Columns<N>,
    ) -> Result<Self> {
        if session.json {
            output::write(b"[")?;
        }
        Ok(Self {
            json: session.json,
            table: show::List::of(columns),
            noun,
            count: 0,
            progress: progress(),
            interrupt: Box::pin(tokio::signal::ctrl_c()),
        })
    }

    /// Waits for a page. An interrupt counts only here, so that every line that is begun is also
    /// ended.
    pub(super) async fn next<P>(
        &mut self,
        page: impl Future<Output = Result<P, ManageError>>,
    ) -> Result<P> {
        tokio::select! {
            biased;
            _ = &mut self.interrupt => {
                let (count, noun) = (self.count, self.noun);
                let message = format!("interrupted: {count} {noun} were listed, not all");
                Err(Failure::new(Kind::Interrupted, message))
            }
            page = page => Ok(page?),
        }
    }

    pub(super) fn show<T>(
        &mut self,
        items: &[T],
        json: impl Fn(&T) -> Value,
        cells: impl Fn(&T) -> [Cell; N],
    ) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        if self.json {
            let mut text = String::new();
            for item in items {
                text.push_str(if self.count == 0 { "\n" } else { ",\n" });
                text.push_str(&json(item).to_string());
                self.count += 1;
            }
            output::write(text.as_bytes())?;
        } else {
            self.count += items.len() as u64;
            output::say(&self.table.page(items.iter().map(cells)))?;
        }
        self.progress.set_message(format!("{} {}", self.count, self.noun));
        Ok(())
    }

    /// A list that was cut off has no end in JSON, and so is no document that could pass for all.
    pub(super) fn end(self) -> Result<()> {
        if self.json {
            return output::write(if self.count == 0 { b"]\n" } else { b"\n]\n" });
        }
        if self.count == 0 {
            output::tell(&format!("There are no such {}.", self.noun));
        }
        Ok(())
    }
}

/// Counts on standard error where that is a terminal and the list goes elsewhere.
fn progress() -> ProgressBar {
    if io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    ProgressBar::new_spinner().with_finish(ProgressFinish::AndClear)
}
