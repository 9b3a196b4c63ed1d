use std::num::NonZeroU32;

use keyward_core::clock::Timestamp;
use keyward_core::dialect::management::{Action, Fault, FaultKind, Field, Operation};
use keyward_core::dialect::{Dialect, ScopeRule};
use keyward_core::key::{Grant, Networks, Resources, Scope, ScopeSet, check_text};
use keyward_core::manage::{KeyUpdate, NewKey};
use serde_json::{Map, Value};

use super::{Faults, integer};

/// What a request says of a key, read as its operation's fields.
#[derive(Debug, Default)]
#[expect(clippy::option_option, reason = "a field may be left out, cleared, or set")]
pub(crate) struct Fields {
    name: Option<String>,
    description: Option<Option<String>>,
    pub(crate) workspace: Option<String>,
    grant: Option<Grant>,
    resources: Option<Resources>,
    rate_limit_per_min: Option<Option<NonZeroU32>>,
    networks: Option<Option<Networks>>,
    kind: Option<String>,
    expires_at: Option<Option<Timestamp>>,
    pub(crate) active: Option<bool>,
}

impl Fields {
    pub(crate) fn read(
        body: &Map<String, Value>,
        operation: Operation<'_>,
        now: Timestamp,
    ) -> Result<Self, Vec<Fault>> {
        let dialect = operation.management().dialect();
        let mut reader = Reader { dialect, now, at: "", faults: Faults::default() };
        let mut fields = Self::default();
        for (name, field) in operation.fields() {
            reader.at = name;
            match body.get(name) {
                Some(value) => fields.set(field, value, &mut reader),
                None if field == Field::Name && operation.action() == Action::Create => {
                    reader.fault(FaultKind::Missing);
                }
                None => {}
            }
        }
        if operation.management().refuses_unknown_fields() {
            let known = |name: &str| operation.fields().any(|(known, _)| known == name);
            for name in body.keys().filter(|name| !known(name)) {
                reader.faults.push(Fault::in_body(FaultKind::Unknown).at(name));
            }
        }
        reader.faults.or(fields)
    }

    fn set(&mut self, field: Field, value: &Value, reader: &mut Reader<'_>) {
        match field {
            Field::Name => self.name = reader.name(value),
            Field::Description => self.description = reader.nullable(value, Reader::text),
            Field::Workspace => self.workspace = reader.text(value),
            Field::Grant if value == "all" => self.grant = Some(Grant::All),
            Field::Scopes | Field::Grant => self.grant = reader.scopes(value).map(Grant::Only),
            Field::Resources => {
                let resources = reader.nullable(value, Reader::texts);
                self.resources = resources.map(|ids| ids.map_or(Resources::All, Resources::Only));
            }
            Field::RateLimitPerMin => {
                self.rate_limit_per_min = reader.nullable(value, Reader::limit);
            }
            Field::Networks => self.networks = reader.nullable(value, Reader::networks),
            Field::Kind => self.kind = reader.kind(value),
            Field::ExpiresAt => self.expires_at = reader.nullable(value, Reader::end),
            Field::Active => match value {
                Value::Bool(active) => self.active = Some(*active),
                _ => reader.fault(FaultKind::Bool),
            },
            _ => {}
        }
    }

    /// The key to be created in a workspace.
    pub(crate) fn new_key(self, workspace: String) -> NewKey {
        let mut new = NewKey::new(workspace, self.name.unwrap_or_default());
        if let Some(description) = self.description.flatten() {
            new = new.with_description(description);
        }
        if let Some(kind) = self.kind {
            new = new.with_kind(kind);
        }
        if let Some(grant) = self.grant {
            new = new.with_grant(grant);
        }
        if let Some(resources) = self.resources {
            new = new.with_resources(resources);
        }
        if let Some(limit) = self.rate_limit_per_min.flatten() {
            new = new.with_rate_limit_per_min(limit);
        }
        if let Some(networks) = self.networks.flatten() {
            new = new.with_networks(networks);
        }
        if let Some(end) = self.expires_at.flatten() {
            new = new.with_expires_at(end);
        }
        new
    }

    /// What is to be changed.
    pub(crate) fn update(self) -> KeyUpdate {
        let mut update = KeyUpdate::new();
        if let Some(name) = self.name {
            update = update.with_name(name);
        }
        if let Some(description) = self.description {
            update = update.with_description(description);
        }
        if let Some(grant) = self.grant {
            update = update.with_grant(grant);
        }
        if let Some(resources) = self.resources {
            update = update.with_resources(resources);
        }
        if let Some(limit) = self.rate_limit_per_min {
            update = update.with_rate_limit_per_min(limit);
        }
        if let Some(networks) = self.networks {
            update = update.with_networks(networks);
        }
        if let Some(end) = self.expires_at {
            update = update.with_expires_at(end);
        }
        if let Some(active) = self.active {
            update = update.with_active(active);
        }
        update
    }
}

/// Reads values, and keeps what is wrong with them.
struct Reader<'a> {
    dialect: &'a Dialect,
    now: Timestamp,
    at: &'a str,
    faults: Faults,
}

impl Reader<'_> {
    fn fault(&mut self, kind: FaultKind) {
        self.faults.push(Fault::in_body(kind).at(self.at));
    }

    /// The outer option is empty for a fault, the inner one for null.
    #[expect(clippy::option_option, reason = "a field may be left out, cleared, or set")]
    fn nullable<T>(
        &mut self,
        value: &Value,
        read: impl Fn(&mut Self, &Value) -> Option<T>,
    ) -> Option<Option<T>> {
        if value.is_null() { Some(None) } else { read(self, value).map(Some) }
    }

    fn text(&mut self, value: &Value) -> Option<String> {
        text(value).map_err(|kind| self.fault(kind)).ok()
    }

    fn name(&mut self, value: &Value) -> Option<String> {
        let name = self.text(value)?;
        let lengths = self.dialect.name_lengths();
        if name.trim().chars().count() < *lengths.start() {
            self.fault(FaultKind::TooShort(*lengths.start()));
        } else if name.chars().count() > *lengths.end() {
            self.fault(FaultKind::TooLong(*lengths.end()));
        } else {
            return Some(name);
        }
        None
    }

    fn texts(&mut self, value: &Value) -> Option<Vec<String>> {
        self.list(value, |_, item| text(item))
    }

    fn scopes(&mut self, value: &Value) -> Option<ScopeSet> {
        self.list(value, |dialect, item| {
            let name = text(item)?;
            let catalogue: Vec<&str> = dialect.scopes().map(ScopeRule::name).collect();
            if !catalogue.is_empty() && !catalogue.contains(&&*name) {
                let names = catalogue.into_iter().map(str::to_owned).collect();
                return Err(FaultKind::OneOf(names));
            }
            name.parse::<Scope>().map_err(|error| FaultKind::Value(error.to_string()))
        })
    }

    /// A list whose every item is read; each wrong one is a fault.
    fn list<T, C: FromIterator<T>>(
        &mut self,
        value: &Value,
        read: impl Fn(&Dialect, &Value) -> Result<T, FaultKind>,
    ) -> Option<C> {
        let Some(items) = value.as_array() else {
            self.fault(FaultKind::List);
            return None;
        };
        let mut all = Some(Vec::with_capacity(items.len()));
        for (index, item) in items.iter().enumerate() {
            match read(self.dialect, item) {
                Ok(item) => all.as_mut().map_or((), |all| all.push(item)),
                Err(kind) => {
                    self.faults.push(Fault::in_body(kind).at(self.at).item(index));
                    all = None;
                }
            }
        }
        all.map(|all| all.into_iter().collect())
    }

    fn limit(&mut self, value: &Value) -> Option<NonZeroU32> {
        let read = match value {
            Value::Number(number) => integer::of_number(number, &(1..=u32::MAX.into())),
            _ => Err(FaultKind::Int),
        };
        let limit = read.map_err(|kind| self.fault(kind)).ok()?;
        u32::try_from(limit).ok().and_then(NonZeroU32::new)
    }

    fn networks(&mut self, value: &Value) -> Option<Networks> {
        let named: Vec<String> = self.list(value, |_, item| {
            let network = text(item)?;
            let read = Networks::new([&*network]);
            read.map(|_| network).map_err(|error| FaultKind::Value(error.to_string()))
        })?;
        let networks = Networks::new(named.iter().map(String::as_str));
        networks.map_err(|error| self.fault(FaultKind::Value(error.to_string()))).ok()
    }

    fn kind(&mut self, value: &Value) -> Option<String> {
        let issued = self.dialect.kinds().iter().filter(|kind| kind.is_issued());
        let names: Vec<String> = issued.map(|kind| kind.name().to_owned()).collect();
        let kind = value.as_str().filter(|text| names.iter().any(|name| name == text));
        if kind.is_none() {
            self.fault(FaultKind::OneOf(names));
        }
        kind.map(str::to_owned)
    }

    fn end(&mut self, value: &Value) -> Option<Timestamp> {
        let read = match value.as_str().map(Timestamp::from_rfc3339) {
            None => Err(FaultKind::Instant),
            Some(None) => Err(FaultKind::InstantText),
            Some(Some(end)) if end <= self.now => Err(FaultKind::Past),
            Some(Some(end)) => Ok(end),
        };
        read.map_err(|kind| self.fault(kind)).ok()
    }
}

fn text(value: &Value) -> Result<String, FaultKind> {
    let text = value.as_str().ok_or(FaultKind::String)?;
    check_text(text).map_err(|sentence| FaultKind::Value(sentence.to_owned()))?;
    Ok(text.to_owned())
}
