use clap::{Args, ValueEnum};
use keyward::manage::{ListKeys, Status};

use super::pages::{PAGE, Pages};
use super::session::Session;
use crate::failure::Result;
use crate::show;

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
        let mut pages = Pages::of(session, "keys", &show::KEYS)?;
        let mut keys = ListKeys::new().with_status(match self.status {
            Which::Active => Status::Active,
            Which::Revoked => Status::Revoked,
            Which::All => Status::Any,
        });
        let mut left = self.limit.unwrap_or(usize::MAX);
        while left > 0 {
            keys = keys.with_limit(left.min(PAGE));
            let page = pages.next(session.manager.list(&keys)).await?;
            let cells = |record: &_| show::key(record, session.dialect(), session.now);
            pages.show(&page.keys, |record| session.to_json(record), cells)?;
            left -= page.keys.len();
            match page.next {
                Some(cursor) => keys = keys.with_after(cursor),
                None => break,
            }
        }
        pages.end()
    }
}
