use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use keyward::usage::{Counts, UsePoint};
use serde_json::{Value, json};

use super::Id;
use super::session::Session;
use crate::failure::Result;
use crate::{output, show};

#[derive(Args)]
pub(super) struct Usage {
    #[command(flatten)]
    id: Id,

    /// How many days back
    #[arg(long, value_name = "N", default_value_t = 30)]
    #[arg(value_parser = RangedU64ValueParser::<u64>::new().range(1..=36_500))]
    days: u64,
}

impl Usage {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        let id = session.id(&self.id)?;
        let to = session.now.plus(Duration::from_hours(1));
        let from = session.now.minus(Duration::from_hours(24 * self.days)).start_of_hour();
        let points = session.manager.usage(&id, from..to).await?;
        if session.json {
            return output::say_json(&points.iter().map(to_json).collect::<Value>());
        }
        if points.is_empty() {
            output::tell(&format!("The key was not used in the last {} days.", self.days));
            return Ok(());
        }
        output::say(&table(&points))
    }
}

/// One hour for scripts. The five outcomes are all requests.
fn to_json(point: &UsePoint) -> Value {
    let Counts { requests, scope_refused, limited, expired, revoked } = point.counts;
    json!({
        "hour": point.hour.to_rfc3339(),
        "requests": requests,
        "ok": point.counts.ok(),
        "scope_refused": scope_refused,
        "limited": limited,
        "expired": expired,
        "revoked": revoked,
    })
}

fn table(points: &[UsePoint]) -> String {
    let mut sum = Counts::default();
    let mut rows = Vec::with_capacity(points.len() + 1);
    for UsePoint { hour, counts } in points {
        sum += *counts;
        rows.push(row(hour.to_rfc3339(), counts));
    }
    rows.push(row("all".to_owned(), &sum));
    let header = ["hour", "requests", "ok", "scope refused", "limited", "expired", "revoked"];
    show::numbers(header.map(str::to_owned), rows.into_iter())
}

fn row(first: String, counts: &Counts) -> [String; 7] {
    let Counts { requests, scope_refused, limited, expired, revoked } = counts;
    let numbers = [requests, &counts.ok(), scope_refused, limited, expired, revoked];
    let [requests, ok, scope_refused, limited, expired, revoked] = numbers.map(u64::to_string);
    [first, requests, ok, scope_refused, limited, expired, revoked]
}
