use std::time::Duration;

use clap::Args;
use keyward::manage::{Finding, Found, Hygiene, ListKeys, Status};
use serde_json::Value;

use super::pages::{PAGE, Pages};
use super::session::Session;
use crate::failure::Result;
use crate::show;

#[derive(Args)]
pub(super) struct Audit {
    /// Since when a key that nobody has used exists; 30d where nothing is named
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    unused_for: Option<Duration>,

    /// Since when a key is idle; 90d where nothing is named
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    idle_for: Option<Duration>,

    /// How old a key is that has to be rotated; 180d where nothing is named
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    rotate_after: Option<Duration>,
}

impl Audit {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        let hygiene = self.hygiene();
        let mut pages = Pages::of(session, "findings", &show::HYGIENE)?;
        let mut keys = ListKeys::new().with_status(Status::Active).with_limit(PAGE);
        loop {
            let page = pages.next(session.manager.hygiene(&hygiene, &keys)).await?;
            pages.show(&page.found, |it| json(session, it), |it| show::found(it, session.now))?;
            match page.next {
                Some(cursor) => keys = keys.with_after(cursor),
                None => break,
            }
        }
        pages.end()
    }

    fn hygiene(&self) -> Hygiene {
        let mut hygiene = Hygiene::default();
        if let Some(age) = self.unused_for {
            hygiene = hygiene.with_unused_for(age);
        }
        if let Some(idle) = self.idle_for {
            hygiene = hygiene.with_idle_for(idle);
        }
        if let Some(age) = self.rotate_after {
            hygiene = hygiene.with_rotate_after(age);
        }
        hygiene
    }
}

/// The record, and what was found about it.
fn json(session: &Session, found: &Found) -> Value {
    let mut document = session.to_json(&found.record);
    document["findings"] = found.findings.iter().copied().map(Finding::as_str).collect();
    document
}
