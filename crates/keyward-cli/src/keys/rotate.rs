use std::time::Duration;

use clap::Args;
use keyward::manage;
use serde_json::{Value, json};

use super::Id;
use super::session::Session;
use crate::failure::Result;
use crate::output;

#[derive(Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    id: Id,

    /// How long the old key is let in beside the new one, such as 24h; not at all by default
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    grace: Option<Duration>,

    /// Names this rotation: the same command again then finds it done, rather than a conflict
    #[arg(long, value_name = "TEXT")]
    retry_token: Option<String>,
}

impl Rotate {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        let mut rotate = manage::Rotate::now().with_grace(self.grace.unwrap_or_default());
        if let Some(token) = self.retry_token {
            rotate = rotate.with_retry_token(token);
        }
        let rotation = session.manager.rotate(&session.id(&self.id)?, rotate).await?;
        let (old, new) = (&rotation.old, &rotation.new);
        let mut document = json!({"old": session.to_json(old), "new": session.to_json(new)});
        if let Some(key) = &rotation.key {
            session.show_key(new, document, key)
        } else if session.json {
            document["key"] = Value::Null;
            output::say_json(&document)
        } else {
            session.show(new)?;
            output::tell(&format!(
                "This rotation was done before, and the key shown then. If it was lost, rotate {}.",
                new.id
            ));
            Ok(())
        }
    }
}
