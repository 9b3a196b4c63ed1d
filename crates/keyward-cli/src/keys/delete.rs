use std::io::{self, IsTerminal};

use clap::Args;
use serde_json::json;

use super::Id;
use super::session::Session;
use crate::failure::{Failure, Kind, Result};
use crate::output;
use crate::show::harmless;

#[derive(Args)]
pub(super) struct Delete {
    #[command(flatten)]
    id: Id,

    /// Does not ask
    #[arg(long)]
    yes: bool,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        let record = session.manager.get(&session.id(&self.id)?).await?;
        // As it is shown, which is how it can be typed.
        let name = harmless(&record.name);
        if !self.yes {
            ask(&name)?;
        }
        session.manager.delete(&record.id).await?;
        if session.json {
            return output::say_json(&json!({"id": record.id.as_str(), "deleted": true}));
        }
        output::say(&format!("deleted {} ({name})", record.id))
    }
}

fn ask(name: &str) -> Result<()> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(
            "there is no terminal to ask at whether the key shall go for good: add --yes",
        ));
    }
    let question = format!("This removes the key for good. Type its name, {name}, to go on:");
    output::tell(&question);
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Failure::environment(format!("cannot read the answer ({error})")))?;
    if answer.trim() == name.trim() {
        return Ok(());
    }
    Err(Failure::new(Kind::Refused, "this is not its name: nothing was deleted"))
}
