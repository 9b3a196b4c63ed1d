use std::time::Duration;

use clap::Args;
use keyward::clock::Timestamp;

use crate::failure::{Failure, Result};

/// When a key ends.
#[derive(Args)]
pub(super) struct Expiry {
    /// It ends after this time, such as 90d or 12h
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    expires_in: Option<Duration>,

    /// It ends at this instant, such as 2027-01-31T12:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = instant, conflicts_with = "expires_in")]
    expires_at: Option<Timestamp>,
}

impl Expiry {
    /// The end, if one was named.
    pub(super) fn end(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let end = self.expires_in.map(|after| now.plus(after)).or(self.expires_at);
        // Nobody could write that instant down.
        if end.is_some_and(|end| end.to_rfc3339().is_empty()) {
            return Err(Failure::usage("--expires-in leads beyond the year 9999: leave it out"));
        }
        Ok(end)
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::from_rfc3339(text)
        .ok_or_else(|| "write an instant as 2027-01-31T12:00:00Z".to_owned())
}
