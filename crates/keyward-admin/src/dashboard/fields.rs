//! The fields of a key, as a form has them.

use std::num::NonZeroU32;
use std::time::Duration;

use keyward_core::clock::Timestamp;
use keyward_core::dialect::Dialect;
use keyward_core::key::{Grant, KeyRecord, Networks, Resources, Scope, ScopeSet};
use keyward_core::manage::{KeyUpdate, ManageError, NewKey};

use super::form::Form;

/// What stands in a form, as it was sent: a form with a mistake is shown again as it was.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) workspace: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) kind: String,
    /// `all` or `only`.
    pub(super) access: String,
    /// Names, each or with blanks between them.
    pub(super) scopes: String,
    /// `all` or `only`.
    pub(super) reach: String,
    pub(super) resources: String,
    /// `never`, a number of days, `date`, or `keep`.
    pub(super) expires: String,
    pub(super) date: String,
    pub(super) limit: String,
    /// From anywhere, where it is empty.
    pub(super) networks: String,
    pub(super) version: String,
}

/// What is wrong, by the name of the field.
#[derive(Default)]
pub(super) struct Faults(Vec<(&'static str, String)>);

impl Faults {
    pub(super) fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(at, _)| *at == field).map(|(_, sentence)| &**sentence)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(&'static str, String)> {
        self.0.iter()
    }

    fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        self.0.push((field, sentence.into()));
    }

    /// What the manager has against it, at its field.
    pub(super) fn of_manager(error: &ManageError) -> Self {
        Self(vec![(error.field().unwrap_or("form"), error.to_string())])
    }
}

/// The rest of a key, as it is asked for.
#[expect(clippy::option_option, reason = "an end may stay, be cleared, or be set")]
struct Read {
    grant: Grant,
    resources: Resources,
    /// The outer option is empty for an end that stays.
    ends: Option<Option<Timestamp>>,
    limit: Option<NonZeroU32>,
    networks: Option<Networks>,
}

impl Fields {
    /// For a new key: what the dialect would give it.
    pub(super) fn new(dialect: &Dialect, workspace: String) -> Self {
        let kind = dialect.kinds().iter().find(|kind| kind.is_issued());
        let kind = kind.map_or("", |kind| kind.name());
        let grant = dialect.kind_id(kind).map(|kind| dialect.default_grant(kind));
        let (access, scopes) = access(grant.as_ref().unwrap_or(&Grant::All));
        Self {
            workspace,
            kind: kind.to_owned(),
            access,
            scopes,
            reach: "all".to_owned(),
            expires: "never".to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn of_record(record: &KeyRecord) -> Self {
        let (access, scopes) = access(&record.grant);
        let (reach, resources) = match &record.resources {
            Resources::All => ("all", String::new()),
            Resources::Only(ids) => ("only", ids.join("\n")),
        };
        Self {
            workspace: record.workspace.clone(),
            name: record.name.clone(),
            description: record.description.clone().unwrap_or_default(),
            kind: record.kind.clone(),
            access,
            scopes,
            reach: reach.to_owned(),
            resources,
            expires: if record.expires_at.is_some() { "keep" } else { "never" }.to_owned(),
            date: String::new(),
            limit: record.rate_limit_per_min.map(|it| it.to_string()).unwrap_or_default(),
            networks: record.networks.as_ref().map(ToString::to_string).unwrap_or_default(),
            version: record.version.to_string(),
        }
    }

    pub(super) fn of_form(form: &Form) -> Self {
        let text = |name: &str| form.get(name).to_owned();
        Self {
            workspace: text("workspace").trim().to_owned(),
            name: text("name").trim().to_owned(),
            description: text("description").trim().to_owned(),
            kind: text("kind"),
            access: text("access"),
            scopes: form.all("scope").collect::<Vec<_>>().join(" "),
            reach: text("reach"),
            resources: text("resources"),
            expires: text("expires"),
            date: text("date"),
            limit: text("limit").trim().to_owned(),
            networks: text("networks").trim().to_owned(),
            version: text("version"),
        }
    }

    pub(super) fn has_scope(&self, name: &str) -> bool {
        self.scopes.split_whitespace().any(|scope| scope == name)
    }

    /// The key to be made.
    pub(super) fn new_key(&self, dialect: &Dialect, now: Timestamp) -> Result<NewKey, Faults> {
        let mut faults = self.texts(dialect);
        if self.workspace.is_empty() {
            faults.add("workspace", format!("Name the {}.", dialect.words().workspace()));
        }
        let read = self.read(now, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut new = NewKey::new(&self.workspace, &self.name)
            .with_kind(&self.kind)
            .with_resources(read.resources);
        // A kind that can be given nothing takes nothing from the form.
        if takes_scopes(dialect, &self.kind) {
            new = new.with_grant(read.grant);
        }
        if !self.description.is_empty() {
            new = new.with_description(&self.description);
        }
        if let Some(end) = read.ends.flatten() {
            new = new.with_expires_at(end);
        }
        if let Some(limit) = read.limit {
            new = new.with_rate_limit_per_min(limit);
        }
        if let Some(networks) = read.networks {
            new = new.with_networks(networks);
        }
        Ok(new)
    }

    /// What is to be changed of a key that was shown.
    pub(super) fn update(
        &self,
        dialect: &Dialect,
        kind: &str,
        now: Timestamp,
    ) -> Result<KeyUpdate, Faults> {
        let mut faults = self.texts(dialect);
        let read = self.read(now, &mut faults);
        let version = self.version.parse();
        if version.is_err() {
            faults.add("form", "Load the page again: this form is not whole.");
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut update = KeyUpdate::new()
            .with_version(version.unwrap_or_default())
            .with_name(&self.name)
            .with_description((!self.description.is_empty()).then(|| self.description.clone()))
            .with_resources(read.resources)
            .with_rate_limit_per_min(read.limit)
            .with_networks(read.networks);
        if takes_scopes(dialect, kind) {
            update = update.with_grant(read.grant);
        }
        if let Some(end) = read.ends {
            update = update.with_expires_at(end);
        }
        Ok(update)
    }

    /// What is wrong with the texts.
    fn texts(&self, dialect: &Dialect) -> Faults {
        let mut faults = Faults::default();
        for (field, text, most) in [
            ("workspace", &self.workspace, 255),
            ("name", &self.name, 1_000),
            ("description", &self.description, 1_000),
            ("resources", &self.resources, 20_000),
            ("networks", &self.networks, 20_000),
        ] {
            if text.chars().count() > most {
                faults.add(field, format!("This has at most {most} characters."));
            }
        }
        if faults.of("name").is_none() && dialect.check_name(&self.name).is_err() {
            let lengths = dialect.name_lengths();
            let (least, most) = (lengths.start(), lengths.end());
            faults.add("name", format!("A name has {least} to {most} characters."));
        }
        faults
    }

    fn read(&self, now: Timestamp, faults: &mut Faults) -> Read {
        let scopes: Result<ScopeSet, _> = tokens(&self.scopes).map(str::parse::<Scope>).collect();
        let grant = match (&*self.access, scopes) {
            ("all", _) => Grant::All,
            (_, Ok(scopes)) => Grant::Only(scopes),
            (_, Err(error)) => {
                faults.add("scopes", error.to_string());
                Grant::Only(ScopeSet::default())
            }
        };
        let resources = match &*self.reach {
            "all" => Resources::All,
            _ => Resources::Only(tokens(&self.resources).map(str::to_owned).collect()),
        };
        let ends = match &*self.expires {
            "keep" => None,
            "date" => match Timestamp::from_rfc3339(&format!("{}T23:59:59.999Z", self.date)) {
                Some(end) if end > now => Some(Some(end)),
                _ => {
                    faults.add("expires_at", "Choose a day to come.");
                    None
                }
            },
            "never" => Some(None),
            days => {
                let days = days.parse::<u32>().ok().filter(|days| (1..=3_660).contains(days));
                if days.is_none() {
                    faults.add("expires_at", "Choose when the key ends.");
                }
                days.map(|days| Some(now.plus(Duration::from_hours(24) * days)))
            }
        };
        let limit = match &*self.limit {
            "" => None,
            limit => limit.parse().ok().or_else(|| {
                faults.add("rate_limit_per_min", "Write a whole number from 1 on, or nothing.");
                None
            }),
        };
        let networks = match &*self.networks {
            "" => None,
            networks => match Networks::new(tokens(networks)) {
                Ok(networks) => Some(networks),
                Err(error) => {
                    faults.add("networks", error.to_string());
                    None
                }
            },
        };
        Read { grant, resources, ends, limit, networks }
    }
}

/// Texts with blanks, commas or lines between them.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter == ',' || letter.is_whitespace()).filter(|it| !it.is_empty())
}

/// Whether keys of this kind can be given any scope.
pub(super) fn takes_scopes(dialect: &Dialect, kind: &str) -> bool {
    let kind = dialect.kind_id(kind).map(|kind| dialect.kind(kind));
    kind.is_none_or(|kind| kind.cap().is_none_or(|cap| !cap.is_empty()))
}

fn access(grant: &Grant) -> (String, String) {
    match grant {
        Grant::All => ("all".to_owned(), String::new()),
        Grant::Only(scopes) => ("only".to_owned(), scopes.to_string()),
    }
}
