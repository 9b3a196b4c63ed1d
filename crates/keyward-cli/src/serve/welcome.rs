use std::net::SocketAddr;

use keyward::dialect::management::{Action, Field};
use keyward::dialect::{Dialect, Kind};
use keyward::key::PlainKey;
use serde_json::{Map, Value, json};

use super::keys::Keys;
use super::operators;
use crate::failure::Result;
use crate::keys::WORKSPACE;
use crate::output;

/// On the first start, shows the first operator's key, this once, and what to do with it.
pub(super) async fn greet(operators: &Keys, dialect: &Dialect, address: SocketAddr) -> Result<()> {
    let Some(key) = operators::first(operators).await? else { return Ok(()) };
    output::say(&format!("key operator {}", key.expose()))?;
    output::tell(&format!(
        "This is the key of the first operator: keep it now, it is shown this once and stored \
         nowhere. Open http://{address}/dashboard and sign in with it; or make a key and ask whether \
         it is good here:"
    ));
    for line in lines(&key, dialect, address) {
        output::say(&line)?;
    }
    Ok(())
}

/// To paste into a shell: the first makes a key, the second verifies it.
fn lines(operator: &PlainKey, dialect: &Dialect, address: SocketAddr) -> Vec<String> {
    let create = dialect.management().and_then(|management| management.operation(Action::Create));
    let kind = dialect.kinds().iter().find(|kind| kind.is_issued());
    let (Some(create), Some(kind)) = (create, kind) else { return Vec::new() };
    // One that is good for nothing may be good nowhere.
    let scope = dialect.scopes().next().filter(|_| dialect.refuses_empty_grant());
    let value = |field| match field {
        Field::Name => Some(json!("first-key")),
        Field::Workspace => Some(json!(WORKSPACE)),
        Field::Scopes | Field::Grant => scope.map(|scope| json!([scope.name()])),
        _ => None,
    };
    let fields = create.fields();
    let body: Map<String, Value> =
        fields.filter_map(|(name, field)| Some((name.to_owned(), value(field)?))).collect();
    let post = |path: &str| {
        let operator = operator.expose();
        format!(
            "curl -sS http://{address}{path} -H 'Authorization: Bearer {operator}' -H \
             'Content-Type: application/json'"
        )
    };
    let make = post(create.management().path());
    let key = found(kind);
    let verify = post("/verify");
    vec![
        format!("KEY=$({make} -d '{}' | grep -oE '{key}'); echo \"$KEY\"", Value::Object(body)),
        format!("{verify} -d \"{{\\\"key\\\":\\\"$KEY\\\"}}\""),
    ]
}

/// The pattern of a whole key, which a mask is not.
fn found(kind: &Kind) -> String {
    format!("{}[A-Za-z0-9_-]{{16,}}", kind.prefix())
}
