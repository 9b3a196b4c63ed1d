use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Creator, Grant, KeyId, KeyRecord, Resources};
use serde_json::{Value, json};

/// A record for scripts. Every field is always there. `scopes` and `resources` are `"all"` or a
/// list, `networks` are null or a list; instants are RFC 3339 in UTC, to the millisecond.
pub(crate) fn record(record: &KeyRecord, dialect: &Dialect, now: Timestamp) -> Value {
    json!({
        "id": record.id.as_str(),
        "name": record.name,
        "workspace": record.workspace,
        "kind": record.kind,
        "mask": record.mask,
        "scopes": match &record.grant {
            Grant::All => json!("all"),
            Grant::Only(scopes) => scopes.iter().collect(),
        },
        "status": dialect.state_of(record, now).as_str(),
        "description": record.description,
        "resources": match &record.resources {
            Resources::All => json!("all"),
            Resources::Only(ids) => json!(ids),
        },
        "rate_limit_per_min": record.rate_limit_per_min,
        "networks": record.networks.as_ref().map(|networks| {
            networks.iter().map(|network| network.to_string()).collect::<Vec<_>>()
        }),
        "created_by": record.created_by.as_ref().map(|creator| match creator {
            Creator::Person(name) => json!({"person": name}),
            Creator::Key(id) => json!({"key": id.as_str()}),
        }),
        "created_at": instant(Some(record.created_at)),
        "updated_at": instant(Some(record.updated_at)),
        "expires_at": instant(record.expires_at),
        "revoked_at": instant(record.revoked_at),
        "last_used_at": instant(record.last_used_at),
        "rotated_to": record.rotated_to.as_ref().map(KeyId::as_str),
        "version": record.version,
        "metadata": record.metadata,
    })
}

fn instant(instant: Option<Timestamp>) -> Value {
    instant.map(Timestamp::to_rfc3339_millis).into()
}
