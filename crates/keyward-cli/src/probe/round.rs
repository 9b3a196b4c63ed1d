use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use http::StatusCode;
use keyward::manage::{Issued, Reach};
use tokio::sync::watch;
use tokio::time::sleep;

use super::target::{Credential, Target};
use crate::failure::{Failure, Kind, Result};
use crate::keys::Session;

/// Between two requests to one URL, so that a machine that runs all of it still has time for them.
const PAUSE: Duration = Duration::from_millis(1);
/// A verifier polls twenty times a second at most: the news of the key's making, long heard, shall not
/// hold back that of its end.
const SETTLE: Duration = Duration::from_millis(250);
/// So many refusals in a row are an end: one alone may be one of several servers behind a URL.
const REFUSALS: u32 = 20;

/// One key, from its creation to the last URL that refuses it.
pub(super) struct Round<'a> {
    pub(super) targets: &'a [Target],
    pub(super) session: &'a Session,
    pub(super) patience: Duration,
}

impl Round<'_> {
    /// The window of each target.
    pub(super) async fn run(&self, key: &Issued) -> Result<Vec<Duration>> {
        let manager = &self.session.manager;
        let credential = Credential::of(manager.dialect(), &key.key)?;
        try_join_all(self.targets.iter().map(|target| self.confirm(target, &credential))).await?;
        let (revoked, end) = watch::channel(None);
        let watched =
            self.targets.iter().map(|target| self.watch(target, &credential, end.clone()));
        let revoke = async {
            sleep(SETTLE).await;
            manager.revoke(&key.record.id, Reach::Key).await?;
            revoked.send_replace(Some(Instant::now()));
            Ok(())
        };
        let (windows, ()) = tokio::try_join!(try_join_all(watched), revoke)?;
        Ok(windows)
    }

    /// Waits until a target lets the key in.
    async fn confirm(&self, target: &Target, credential: &Credential) -> Result<()> {
        let begun = Instant::now();
        loop {
            let answer = target.ask(credential).await;
            if matches!(&answer, Ok(status) if status.is_success()) {
                return Ok(());
            }
            if begun.elapsed() > self.patience {
                let what = answer.map_or_else(|error| error, |status| status.to_string());
                return Err(Failure::new(
                    Kind::Refused,
                    format!(
                        "{target} does not let a new key in ({what}): is it a service over this \
                         store, and does the path need a --scope?"
                    ),
                ));
            }
            sleep(PAUSE).await;
        }
    }

    /// Asks a target until it refuses for good.
    async fn watch(
        &self,
        target: &Target,
        credential: &Credential,
        revoked: watch::Receiver<Option<Instant>>,
    ) -> Result<Duration> {
        let mut window = Duration::ZERO;
        let mut refusals = 0;
        while refusals < REFUSALS {
            let was_revoked = revoked.borrow().is_some();
            let sent = Instant::now();
            let answer = target.ask(credential).await;
            let end = *revoked.borrow();
            match answer {
                Ok(StatusCode::UNAUTHORIZED) if was_revoked => refusals += 1,
                Ok(status) if status.is_success() => {
                    refusals = 0;
                    let after = end.and_then(|end| sent.checked_duration_since(end));
                    window = window.max(after.unwrap_or_default());
                }
                // Neither: a store that is down, a proxy. It is waited for.
                Ok(_) | Err(_) => {}
            }
            if end.is_some_and(|end| end.elapsed() > self.patience) {
                return Err(Failure::new(
                    Kind::Refused,
                    format!("{target} has not refused a revoked key in {:?}", self.patience),
                ));
            }
            sleep(PAUSE).await;
        }
        Ok(window)
    }
}
