//! `keyward-probe`: how long a revoked key still works, where it may not work any more.

mod round;
mod target;
mod window;

use std::time::Duration;

use clap::Parser;
use indicatif::ProgressBar;
use keyward::manage::NewKey;
use serde_json::json;

use self::round::Round;
use self::target::Target;
use self::window::Windows;
use crate::failure::{Failure, Kind, Result};
use crate::keys::{Rights, Session};
use crate::settings::Settings;
use crate::{output, show};

/// The workspace of the keys where none is named.
const WORKSPACE: &str = "keyward-probe";

/// Measures how long services let a key in after it was revoked
///
/// In each round it makes a key, waits until every URL lets it in, revokes it, and asks all of them
/// without a pause until all refuse it. A window is the time from the moment that the revocation was
/// done to the sending of the last request that was let in all the same; 0 when there was none.
#[derive(Parser)]
#[command(name = "keyward-probe", version)]
pub(crate) struct Probe {
    #[command(flatten)]
    settings: Settings,

    /// Where to ask: answers 2xx to a key with the scopes that are named
    #[arg(required = true, value_name = "URL")]
    urls: Vec<Target>,

    /// How often
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// A kind of the dialect; its first where none is named
    #[arg(long)]
    kind: Option<String>,

    #[command(flatten)]
    rights: Rights,

    /// Gives up on a URL that has not let a new key in, or refused a revoked one, for so long
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = humantime::parse_duration)]
    patience: Duration,

    /// Fails when a window is longer
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    bound: Option<Duration>,

    /// Prints one JSON document, and errors as JSON
    #[arg(long)]
    json: bool,
}

impl Probe {
    pub(crate) async fn run(mut self) -> Result<()> {
        let settings = std::mem::take(&mut self.settings).with_file()?;
        let session = Session::open(settings, self.json, false).await?;
        let done = self.probe(&session).await;
        session.close().await;
        let windows = done?;
        self.show(&windows)?;
        let longest = windows.iter().map(Windows::max).max().unwrap_or_default();
        match self.bound.filter(|bound| longest > *bound) {
            None => Ok(()),
            Some(bound) => Err(Failure::new(
                Kind::Refused,
                format!("a revoked key was let in for {longest:?}, longer than {bound:?}"),
            )),
        }
    }

    async fn probe(&self, session: &Session) -> Result<Vec<Windows>> {
        let interrupt = tokio::signal::ctrl_c();
        tokio::pin!(interrupt);
        let progress = ProgressBar::new(self.rounds.into());
        let mut windows = vec![Windows::default(); self.urls.len()];
        for _ in 0..self.rounds {
            let key = session.manager.create(self.key(session)).await?;
            let round = Round { targets: &self.urls, session, patience: self.patience };
            let measured = tokio::select! {
                biased;
                _ = &mut interrupt => Err(Failure::new(Kind::Interrupted, "interrupted")),
                measured = round.run(&key) => measured,
            };
            // However the round ended: no key of it stays.
            session.manager.delete(&key.record.id).await?;
            for (windows, window) in windows.iter_mut().zip(measured?) {
                windows.push(window);
            }
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(windows)
    }

    fn key(&self, session: &Session) -> NewKey {
        let workspace = session.settings.workspace.as_deref().unwrap_or(WORKSPACE);
        let mut new = NewKey::new(workspace, "keyward-probe");
        if let Some(kind) = &self.kind {
            new = new.with_kind(kind);
        }
        if let Some(grant) = self.rights.grant() {
            new = new.with_grant(grant);
        }
        if let Some(resources) = self.rights.resources() {
            new = new.with_resources(resources);
        }
        new
    }

    fn show(&self, windows: &[Windows]) -> Result<()> {
        let all: Windows = windows.iter().flat_map(Windows::iter).collect();
        let named = self.urls.iter().map(ToString::to_string).zip(windows);
        let named: Vec<_> = named.chain([("all".to_owned(), &all)]).collect();
        if self.json {
            let document = |(name, windows): &(String, &Windows)| {
                json!({
                    "url": name,
                    "min_ms": millis(windows.min()),
                    "median_ms": millis(windows.median()),
                    "p99_ms": millis(windows.p99()),
                    "max_ms": millis(windows.max()),
                })
            };
            let windows: Vec<_> = named.iter().map(document).collect();
            return output::say_json(&json!({"rounds": self.rounds, "windows": windows}));
        }
        let header = ["", "min ms", "median ms", "p99 ms", "max ms"].map(str::to_owned);
        let row = |(name, windows): &(String, &Windows)| {
            let times = [windows.min(), windows.median(), windows.p99(), windows.max()];
            let [min, median, p99, max] = times.map(|time| format!("{:.3}", millis(time)));
            [show::harmless(name), min, median, p99, max]
        };
        output::say(&show::numbers(header, named.iter().map(row)))
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
