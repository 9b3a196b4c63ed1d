use clap::Args;
use keyward::audit::{AuditEntry, AuditQuery};
use serde_json::json;

use super::Id;
use super::pages::{PAGE, Pages};
use super::session::Session;
use crate::failure::Result;
use crate::show;

#[derive(Args)]
pub(super) struct Log {
    /// Only what was done to the key of this id, also when it is gone
    id: Option<String>,

    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Only what is older than the entry of this number
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
}

impl Log {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        let mut query = AuditQuery { after: self.after, ..AuditQuery::new() };
        if let Some(id) = self.id {
            query = query.with_key(session.id(&Id { id })?);
        }
        let mut pages = Pages::of(session, "entries", &show::LOG)?;
        let mut left = self.limit.unwrap_or(usize::MAX);
        while left > 0 {
            query = query.with_limit(left.min(PAGE));
            let page = pages.next(session.manager.audit(&query)).await?;
            pages.show(&page.entries, |entry: &AuditEntry| json!(entry), show::entry)?;
            left -= page.entries.len();
            match page.next {
                Some(number) => query = query.with_after(number),
                None => break,
            }
        }
        pages.end()
    }
}
