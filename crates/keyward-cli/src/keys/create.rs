use std::num::NonZeroU32;

use clap::Args;
use keyward::manage::NewKey;

use super::expiry::Expiry;
use super::origin::Origin;
use super::rights::Rights;
use super::session::Session;
use crate::failure::Result;

/// The workspace of a key whose workspace nobody named.
pub(crate) const WORKSPACE: &str = "default";

#[derive(Args)]
pub(super) struct Create {
    /// What people call it
    #[arg(long)]
    name: String,

    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// A kind of the dialect; its first where none is named
    #[arg(long)]
    kind: Option<String>,

    #[command(flatten)]
    rights: Rights,

    #[command(flatten)]
    expiry: Expiry,

    /// Its own limit, in requests a minute
    #[arg(long, value_name = "N")]
    rate_limit_per_min: Option<NonZeroU32>,

    #[command(flatten)]
    origin: Origin,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        let workspace = session.settings.workspace.as_deref().unwrap_or(WORKSPACE);
        let mut new = NewKey::new(workspace, self.name);
        if let Some(description) = self.description {
            new = new.with_description(description);
        }
        if let Some(kind) = self.kind {
            new = new.with_kind(kind);
        }
        if let Some(grant) = self.rights.grant() {
            new = new.with_grant(grant);
        }
        if let Some(resources) = self.rights.resources() {
            new = new.with_resources(resources);
        }
        if let Some(end) = self.expiry.end(session.now)? {
            new = new.with_expires_at(end);
        }
        if let Some(limit) = self.rate_limit_per_min {
            new = new.with_rate_limit_per_min(limit);
        }
        if let Some(networks) = self.origin.networks()? {
            new = new.with_networks(networks);
        }
        let issued = session.manager.create(new).await?;
        let document = session.to_json(&issued.record);
        session.show_key(&issued.record, document, &issued.key)
    }
}
