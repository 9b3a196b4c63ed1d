use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Read};
use std::net::IpAddr;

use clap::Args;
use keyward::key::{KeyId, KeyRecord, PlainKey, check_expression};
use keyward::verify::{ApiKey, Rejection, RejectionKind};
use serde_json::json;

use super::session::Session;
use crate::failure::{Failure, Kind, Result};
use crate::head::Head;
use crate::output;

/// More than any key has, in bytes.
const LONGEST: u64 = 64 << 10;

#[derive(Args)]
pub(super) struct Verify {
    /// Scopes that it has to hold, as in `read write` for both or `read | write` for one
    #[arg(long, value_parser = expression)]
    scope: Option<String>,

    /// Where the request comes from, for a key that does not work from anywhere
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,

    #[arg(hide = true)]
    key: Vec<OsString>,
}

impl Verify {
    pub(super) async fn run(self, session: &Session) -> Result<()> {
        if !self.key.is_empty() {
            return Err(Failure::usage(
                "a key on the command line is seen by others and kept by the shell: give it on \
                 standard input, and rotate the one that was there",
            ));
        }
        let key = read()?;
        let verifier = session.verifier()?;
        let head = Head::of(key, verifier.dialect().locations()).from(self.from);
        let verdict = verifier.verify(&head).await;
        verifier.shutdown().await;
        let id = match &verdict {
            Ok(key) => Some(KeyId::new(key.id())),
            Err(rejection) => rejection.key().cloned(),
        };
        // Whose it is may be told of a refused key too, but not of one of another workspace.
        let record = match id {
            Some(id) => session.manager.get(&id).await.ok(),
            None => None,
        };
        let refused = verdict.and_then(|key| self.judge(session, &key)).err();
        self.tell(session, refused.as_ref(), record.as_ref())
    }

    /// What a request with this key may ask for.
    fn judge(&self, session: &Session, key: &ApiKey) -> Result<(), Rejection> {
        if let Some(workspace) = &session.settings.workspace {
            key.require_workspace(workspace)?;
        }
        self.scope.as_deref().map_or(Ok(()), |scope| key.require(scope))
    }

    fn tell(
        &self,
        session: &Session,
        refused: Option<&Rejection>,
        record: Option<&KeyRecord>,
    ) -> Result<()> {
        let reason = refused.map(Rejection::kind);
        if reason == Some(RejectionKind::Unavailable) {
            return Err(Failure::new(
                Kind::Unavailable,
                "the key store does not answer, so nobody knows whether the key is good: try again",
            ));
        }
        if session.json {
            output::say_json(&json!({
                "valid": reason.is_none(),
                "reason": reason.map(RejectionKind::as_str),
                "scope": self.scope,
                "record": record.map(|record| session.to_json(record)),
            }))?;
        } else if let Some(record) = record {
            session.show(record)?;
        }
        let Some(reason) = reason else {
            if !session.json {
                output::tell(&match &self.scope {
                    Some(scope) => format!("The key is good, and holds {scope}."),
                    None => "The key is good.".to_owned(),
                });
            }
            return Ok(());
        };
        Err(Failure::new(Kind::Refused, format!("refused ({reason}): {}", self.because(reason))))
    }

    fn because(&self, reason: RejectionKind) -> String {
        match (reason, &self.scope) {
            (RejectionKind::Malformed | RejectionKind::Missing, _) => {
                "what is on standard input is no key of this dialect".to_owned()
            }
            (RejectionKind::Unknown, _) => "the store holds no such key".to_owned(),
            (RejectionKind::Revoked, _) => "the key was revoked".to_owned(),
            (RejectionKind::Expired, _) => "the time of the key is over".to_owned(),
            (RejectionKind::Scope, Some(scope)) => format!("the key is good, but lacks {scope}"),
            (RejectionKind::Scope, None) => "the key was granted no scopes".to_owned(),
            (RejectionKind::Resource, _) => "the key is one of another workspace".to_owned(),
            (RejectionKind::Network, _) => match self.from {
                Some(address) => format!("the key does not work from {address}"),
                None => "the key does not work from anywhere: say with --from where the request \
                         comes from"
                    .to_owned(),
            },
            (other, _) => format!("the request was refused as {other}"),
        }
    }
}

fn expression(text: &str) -> Result<String, String> {
    check_expression(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

/// The first line of standard input; on a terminal, what is typed unseen.
fn read() -> Result<PlainKey> {
    let key = if io::stdin().is_terminal() {
        rpassword::prompt_password("Key: ").map(PlainKey::new)
    } else {
        read_line().map(PlainKey::new)
    };
    let key = key.map_err(|error| {
        Failure::environment(format!("cannot read the key ({error}): send it as one line"))
    })?;
    if key.expose().is_empty() {
        return Err(Failure::usage("there is no key on standard input: send it as one line"));
    }
    Ok(key)
}

fn read_line() -> io::Result<String> {
    // Long enough from the start: a text that grows leaves copies of the secret behind.
    let mut line = Vec::with_capacity(512);
    io::stdin().lock().take(LONGEST).read_until(b'\n', &mut line)?;
    line.truncate(line.trim_ascii_end().len());
    // What is no text is no key, which the verifier shall say.
    Ok(String::from_utf8(line)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}
