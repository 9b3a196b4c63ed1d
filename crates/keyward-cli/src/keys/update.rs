use std::num::NonZeroU32;

use clap::{ArgGroup, Args};
use keyward::key::Resources;
use keyward::manage::KeyUpdate;

use super::Id;
use super::expiry::Expiry;
use super::origin::Origin;
use super::rights::Rights;
use super::session::Session;
use crate::failure::Result;

#[derive(Args)]
#[command(group = ArgGroup::new("change").required(true).multiple(true).args(CHANGES))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Update {
    #[command(flatten)]
    id: Id,

    /// Another name
    #[arg(long)]
    name: Option<String>,

    /// Another description
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// No description any more
    #[arg(long, conflicts_with = "description")]
    no_description: bool,

    #[command(flatten)]
    rights: Rights,

    /// Everything of its workspace again
    #[arg(long, conflicts_with = "resources")]
    all_resources: bool,

    #[command(flatten)]
    expiry: Expiry,

    /// No end any more
    #[arg(long, conflicts_with_all = ["expires_in", "expires_at"])]
    no_expiry: bool,

    /// Its own limit, in requests a minute
    #[arg(long, value_name = "N")]
    rate_limit_per_min: Option<NonZeroU32>,

    /// No limit of its own any more
    #[arg(long, conflicts_with = "rate_limit_per_min")]
    no_rate_limit: bool,

    #[command(flatten)]
    origin: Origin,

    /// It works from anywhere again
    #[arg(long, conflicts_with = "networks")]
    any_network: bool,
}

/// One of them at least.
const CHANGES: [&str; 14] = [
    "name",
    "description",
    "no_description",
    "scopes",
    "full_access",
    "resources",
    "all_resources",
    "expires_in",
    "expires_at",
    "no_expiry",
    "rate_limit_per_min",
    "no_rate_limit",
    "networks",
    "any_network",
];

impl Update {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        let mut update = KeyUpdate::new();
        if let Some(name) = self.name {
            update = update.with_name(name);
        }
        if self.description.is_some() || self.no_description {
            update = update.with_description(self.description);
        }
        if let Some(grant) = self.rights.grant() {
            update = update.with_grant(grant);
        }
        if let Some(resources) = self.rights.resources() {
            update = update.with_resources(resources);
        } else if self.all_resources {
            update = update.with_resources(Resources::All);
        }
        let end = self.expiry.end(session.now)?;
        if end.is_some() || self.no_expiry {
            update = update.with_expires_at(end);
        }
        if self.rate_limit_per_min.is_some() || self.no_rate_limit {
            update = update.with_rate_limit_per_min(self.rate_limit_per_min);
        }
        let networks = self.origin.networks()?;
        if networks.is_some() || self.any_network {
            update = update.with_networks(networks);
        }
        session.show(&session.manager.update(&session.id(&self.id)?, update).await?)
    }
}
