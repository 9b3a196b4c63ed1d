//! People, who come with a JWT: who signs it, and which workspaces they belong to.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use keyward::admin::Membership;
use keyward::admin::jwt::{DevelopmentKeys, Jwks, JwtGuard};
use keyward::clock::{Clock, SystemClock};
use keyward::store::StoreError;
use keyward_examples::{Failure, Options, say};
use serde_json::json;

use crate::workspaces::ACME;

/// Who made the demo keys.
pub(crate) const OPERATOR: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
const STRANGER: &str = "3e2a9c71-6d4f-4b08-95ce-8a1b7f0d2e63";

const MEMBERS: [(&str, &str); 1] = [(OPERATOR, ACME)];

/// In production an issuer such as Clerk, and `Jwks::at("https://…/.well-known/jwks.json")`.
const ISSUER: &str = "https://issuer.example";
const YEAR: Duration = Duration::from_hours(365 * 24);

/// Lets people in whose tokens the development key has signed. On the first start there is a new
/// one: it signs two tokens, which are printed, and only its public half is kept.
pub(crate) fn guard(options: &Options, first_start: bool) -> Result<JwtGuard, Failure> {
    let jwks = jwks_file(&options.store)?;
    if first_start || !jwks.exists() {
        let keys = DevelopmentKeys::generate()?;
        keys.write_jwks(&jwks)?;
        let end = SystemClock::new().now().timestamp.plus(YEAR).as_millis() / 1000;
        for (label, person) in [("operator", OPERATOR), ("stranger", STRANGER)] {
            let token = keys.sign(&json!({"iss": ISSUER, "sub": person, "exp": end}))?;
            say(&format!("{label} {token}"))?;
        }
    }
    Ok(JwtGuard::builder(Jwks::from_file(jwks)?).with_issuer(ISSUER).build()?)
}

/// Beside the store, or in a folder that nobody else may write to.
fn jwks_file(store: &str) -> Result<PathBuf, Failure> {
    Ok(match store.strip_prefix("sqlite://") {
        Some(path) => format!("{path}.jwks.json").into(),
        None => tempfile::tempdir()?.keep().join("jwks.json"),
    })
}

/// Who belongs to which workspace; in production a table of the database.
pub(crate) struct Members;

#[async_trait]
impl Membership for Members {
    /// The workspace that is asked for, or the first of theirs.
    async fn workspace(
        &self,
        person: &str,
        asked: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        Ok(workspace_of(person, asked.map(str::as_bytes)).map(str::to_owned))
    }
}

/// The workspace that a person acts in: the one that is asked for, or the first of theirs. `None`
/// when it is not one of theirs.
pub(crate) fn workspace_of(person: &str, asked: Option<&[u8]>) -> Option<&'static str> {
    let own = MEMBERS.iter().filter(|(member, _)| *member == person);
    let mut own = own.map(|(_, workspace)| *workspace);
    own.find(|workspace| asked.is_none_or(|asked| asked == workspace.as_bytes()))
}
