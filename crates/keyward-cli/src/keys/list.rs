use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use keyward::key::KeyRecord;
use keyward::manage::{ListKeys, Status};

use super::session::Session;
use crate::failure::{Failure, Kind, Result};
use crate::{output, show};

/// Keys a page. What is shown is shown page by page, however many there are.
const PAGE: usize = 100;

#[derive(Args)]
pub(super) struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Which keys
    #[arg(long, value_enum, default_value = "all")]
    status: Which,
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    /// Those that are not revoked, also when they have expired
    Active,
    /// Those that are revoked
    Revoked,
    /// Every key
    All,
}

impl List {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        let progress = progress();
        let done = self.pages(session, &progress).await;
        progress.finish_and_clear();
        done
    }

    async fn pages(self, session: &Session, progress: &ProgressBar) -> Result<()> {
        let interrupt = tokio::signal::ctrl_c();
        tokio::pin!(interrupt);
        let mut shown = Shown::of(session)?;
        let mut keys = ListKeys::new().with_status(match self.status {
            Which::Active => Status::Active,
            Which::Revoked => Status::Revoked,
            Which::All => Status::Any,
        });
        let mut left = self.limit.unwrap_or(usize::MAX);
        while left > 0 {
            keys = keys.with_limit(left.min(PAGE));
            // Only between pages, so that every line that is begun is also ended.
            let page = tokio::select! {
                biased;
                _ = &mut interrupt => {
                    let message = format!("interrupted: {} keys were listed, not all", shown.count);
                    return Err(Failure::new(Kind::Interrupted, message));
                }
                page = session.manager.list(&keys) => page?,
            };
            shown.page(&page.keys)?;
            progress.set_message(format!("{} keys", shown.count));
            left -= page.keys.len();
            match page.next {
                Some(cursor) => keys = keys.with_after(cursor),
                None => break,
            }
        }
        shown.end()
    }
}

/// What was listed until now.
struct Shown<'a> {
    session: &'a Session,
    table: show::List,
    count: u64,
}

impl<'a> Shown<'a> {
    fn of(session: &'a Session) -> Result<Self> {
        if session.json {
            output::write(b"[")?;
        }
        Ok(Self { session, table: show::List::default(), count: 0 })
    }

    fn page(&mut self, records: &[KeyRecord]) -> Result<()> {
        if self.session.json {
            let mut text = String::new();
            for record in records {
                text.push_str(if self.count == 0 { "\n" } else { ",\n" });
                text.push_str(&self.session.to_json(record).to_string());
                self.count += 1;
            }
            return output::write(text.as_bytes());
        }
        self.count += records.len() as u64;
        if records.is_empty() {
            return Ok(());
        }
        output::say(&self.table.page(records, self.session.now))
    }

    /// A list that was cut off has no end in JSON, and so is no document that could pass for all.
    fn end(self) -> Result<()> {
        if self.session.json {
            return output::write(if self.count == 0 { b"]\n" } else { b"\n]\n" });
        }
        if self.count == 0 {
            output::tell("There are no such keys.");
        }
        Ok(())
    }
}

/// Counts on standard error where that is a terminal and the list goes elsewhere.
fn progress() -> ProgressBar {
    if io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    ProgressBar::new_spinner()
}
