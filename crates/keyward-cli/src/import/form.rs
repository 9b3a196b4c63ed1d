use std::num::NonZeroU32;

use clap::ValueEnum;
use keyward::key::{Creator, Grant, Networks, Resources, Scope, ScopeSet, StoredDigest};
use keyward::manage::{ImportKey, NewKey};
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::faults::Fault;
use super::fields::{Fields, Words};
use crate::digests::Digests;

/// What a record can say: the columns of CSV, the fields of JSON. What an export gives is among them.
pub(crate) const FIELDS: [&str; 21] = [
    "digest",
    "algorithm",
    "pepper",
    "id",
    "name",
    "workspace",
    "kind",
    "description",
    "scopes",
    "resources",
    "networks",
    "rate_limit_per_min",
    "created_by",
    "created_by_key",
    "created_at",
    "expires_at",
    "revoked_at",
    "last_used_at",
    "rotated_to",
    "mask",
    "metadata",
];

/// How records are to be read.
pub(super) struct Form<'a> {
    pub(super) algorithm: Option<Algorithm>,
    pub(super) pepper: Option<String>,
    pub(super) workspace: Option<String>,
    pub(super) digests: &'a Digests,
}

impl Form<'_> {
    pub(super) fn read(&self, fields: Map<String, Value>) -> Result<ImportKey, Fault> {
        let mut fields = Fields(fields);
        let digest = self.digest(&mut fields)?;
        let mut key = ImportKey::new(digest, self.new_key(&mut fields)?);
        key.id = fields.id("id")?;
        key.mask = fields.text("mask")?;
        key.created_by = match (fields.text("created_by")?, fields.id("created_by_key")?) {
            (None, None) => None,
            (Some(person), None) => Some(Creator::Person(person)),
            (None, Some(id)) => Some(Creator::Key(id)),
            (Some(_), Some(_)) => {
                return Err(Fault::of(
                    "created_by",
                    "a person made it, or a key: name one of them",
                ));
            }
        };
        key.created_at = fields.instant("created_at")?;
        key.revoked_at = fields.instant("revoked_at")?;
        key.last_used_at = fields.instant("last_used_at")?;
        key.rotated_to = fields.id("rotated_to")?;
        fields.end()?;
        Ok(key)
    }

    fn digest(&self, fields: &mut Fields) -> Result<StoredDigest, Fault> {
        let text = fields.text("digest")?;
        let text = text.ok_or_else(|| Fault::of("digest", "there is no digest"))?;
        let unknown = "name how the key became this digest: sha256, sha512 or hmac-sha256, here or \
                       with --algorithm";
        let algorithm = match fields.text("algorithm")? {
            Some(name) => Algorithm::from_str(&name, true).ok(),
            None => self.algorithm,
        };
        let algorithm = algorithm.ok_or_else(|| Fault::of("algorithm", unknown))?;
        let named = fields.text("pepper")?;
        if named.is_some() && algorithm != Algorithm::HmacSha256 {
            return Err(Fault::of("pepper", "only hmac-sha256 has a pepper"));
        }
        let pepper = named.as_deref().or(self.pepper.as_deref());
        let digest = algorithm.digest(&text, pepper, self.digests);
        digest.map_err(|sentence| Fault::of("digest", sentence))
    }

    fn new_key(&self, fields: &mut Fields) -> Result<NewKey, Fault> {
        let needed =
            |field, what: &'static str| move || Fault::of(field, format!("there is no {what}"));
        let name = fields.text("name")?.ok_or_else(needed("name", "name"))?;
        let workspace = fields.text("workspace")?.or_else(|| self.workspace.clone());
        let workspace =
            workspace.ok_or_else(needed("workspace", "workspace, here or as --workspace"))?;
        let scopes = fields.words("scopes")?;
        let scopes = scopes.ok_or_else(needed("scopes", "list of scopes; \"all\" is every one"))?;
        let mut new = NewKey::new(workspace, name).with_grant(grant(scopes)?);
        if let Some(kind) = fields.text("kind")? {
            new = new.with_kind(kind);
        }
        if let Some(description) = fields.text("description")? {
            new = new.with_description(description);
        }
        if let Some(Words::Only(ids)) = fields.words("resources")? {
            new = new.with_resources(Resources::Only(ids));
        }
        if let Some(networks) = networks(fields)? {
            new = new.with_networks(networks);
        }
        if let Some(limit) = fields.value("rate_limit_per_min") {
            let limit = limit.as_u64().and_then(|it| NonZeroU32::new(it.try_into().ok()?));
            let wrong = || Fault::of("rate_limit_per_min", "write a whole number from 1 on");
            new = new.with_rate_limit_per_min(limit.ok_or_else(wrong)?);
        }
        if let Some(end) = fields.instant("expires_at")? {
            new = new.with_expires_at(end);
        }
        match fields.value("metadata") {
            None => Ok(new),
            Some(Value::Object(metadata)) => Ok(new.with_metadata(metadata)),
            Some(_) => Err(Fault::of("metadata", "write a JSON object")),
        }
    }
}

fn grant(scopes: Words) -> Result<Grant, Fault> {
    let Words::Only(names) = scopes else { return Ok(Grant::All) };
    let scopes = names.iter().map(|name| name.parse::<Scope>()).collect::<Result<ScopeSet, _>>();
    scopes.map(Grant::Only).map_err(|error| Fault::of("scopes", error.to_string()))
}

fn networks(fields: &mut Fields) -> Result<Option<Networks>, Fault> {
    let Some(Words::Only(networks)) = fields.words("networks")? else { return Ok(None) };
    let networks = Networks::new(networks.iter().map(String::as_str));
    networks.map(Some).map_err(|error| Fault::of("networks", error.to_string()))
}
