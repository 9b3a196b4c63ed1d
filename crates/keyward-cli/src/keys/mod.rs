//! `keyward keys`: one file for each act.

mod audit;
mod create;
mod delete;
mod expiry;
mod list;
mod log;
mod origin;
mod pages;
mod rights;
mod rotate;
mod session;
mod update;
mod usage;
mod verify;

use clap::{Args, Subcommand};
use keyward::manage::Reach;

pub(crate) use self::create::WORKSPACE;
pub(crate) use self::rights::Rights;
pub(crate) use self::session::Session;
use crate::failure::Result;
use crate::settings::Settings;

#[derive(Args)]
pub(crate) struct Keys {
    #[command(flatten)]
    settings: Settings,

    /// Prints one JSON document, and errors as JSON
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Makes a key and shows it, this once
    Create(create::Create),
    /// Lists keys, the newest first
    List(list::List),
    /// Shows what is known of a key
    Show(Id),
    /// Shows how often a key was used, hour by hour
    Usage(usage::Usage),
    /// Lists who did what to which key, the newest first
    Log(log::Log),
    /// Lists keys that are worth a look: never used, idle, without an end, with full access, or old
    Audit(audit::Audit),
    /// Changes what is named and leaves the rest
    Update(update::Update),
    /// Puts a new key in the place of one, and shows it, this once
    Rotate(rotate::Rotate),
    /// Ends a key at once
    Revoke(Revoke),
    /// Lets a revoked key in again, where revocation is not final
    Reactivate(Id),
    /// Removes a key for good
    Delete(delete::Delete),
    /// Says whose key it is that stands on standard input, and whether it is good
    Verify(verify::Verify),
}

#[derive(Args)]
pub(crate) struct Id {
    /// The id of the key
    id: String,
}

#[derive(Args)]
struct Revoke {
    #[command(flatten)]
    id: Id,

    /// Also the keys that it made, and those that they made
    #[arg(long)]
    with_descendants: bool,
}

impl Keys {
    pub(crate) async fn run(self) -> Result<()> {
        let makes_store = matches!(self.act, Act::Create(_));
        let session = Session::open(self.settings.with_file()?, self.json, makes_store).await?;
        let done = self.act.run(&session).await;
        session.close().await;
        done
    }
}

impl Act {
    async fn run(self, session: &Session) -> Result<()> {
        let manager = &session.manager;
        match self {
            Self::Create(create) => create.run(session).await,
            Self::List(list) => list.run(session).await,
            Self::Show(id) => session.show(&manager.get(&session.id(&id)?).await?),
            Self::Usage(usage) => usage.run(session).await,
            Self::Log(log) => log.run(session).await,
            Self::Audit(audit) => audit.run(session).await,
            Self::Update(update) => update.run(session).await,
            Self::Rotate(rotate) => rotate.run(session).await,
            Self::Revoke(revoke) => {
                let reach = if revoke.with_descendants { Reach::Descendants } else { Reach::Key };
                session.show(&manager.revoke(&session.id(&revoke.id)?, reach).await?)
            }
            Self::Reactivate(id) => session.show(&manager.reactivate(&session.id(&id)?).await?),
            Self::Delete(delete) => delete.run(session).await,
            Self::Verify(verify) => verify.run(session).await,
        }
    }
}
