//! Keys as pages show them.

use keyward_core::audit::AuditEntry;
use keyward_core::clock::Timestamp;
use keyward_core::dialect::{Dialect, Environment};
use keyward_core::key::{Creator, Grant, KeyId, KeyRecord, KeyState, Resources};

/// A key, for people.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of a template")]
pub(super) struct KeyView<'r> {
    pub(super) id: &'r str,
    /// Its name, or its id where it has none.
    pub(super) name: &'r str,
    pub(super) description: &'r str,
    pub(super) workspace: &'r str,
    pub(super) kind: &'r str,
    pub(super) is_sandbox: bool,
    /// What may be shown of it, or its id where nothing may.
    pub(super) mask: &'r str,
    pub(super) state: &'static str,
    /// What is to be known of that.
    pub(super) note: String,
    pub(super) scopes: Scopes<'r>,
    /// `None` for everything in the workspace.
    pub(super) resources: Option<&'r [String]>,
    pub(super) limit: Option<u32>,
    /// `None` for a key that works from anywhere.
    pub(super) networks: Option<String>,
    pub(super) creator: &'r str,
    pub(super) creator_is_key: bool,
    pub(super) created: Instant,
    pub(super) updated: Instant,
    pub(super) expires: Option<Instant>,
    pub(super) revoked: Option<Instant>,
    pub(super) used: Option<Instant>,
    pub(super) successor: Option<&'r str>,
    pub(super) can_rotate: bool,
    pub(super) can_revoke: bool,
    pub(super) can_reactivate: bool,
}

/// What a key may do.
pub(super) enum Scopes<'r> {
    All,
    Only(Vec<&'r str>),
}

/// An instant, for people and for programs.
pub(super) struct Instant {
    /// `2026-01-06`.
    pub(super) date: String,
    /// `2026-01-06 10:00 UTC`.
    pub(super) minute: String,
    /// `3 days ago`.
    pub(super) distance: String,
    /// RFC 3339.
    pub(super) iso: String,
}

impl Instant {
    pub(super) fn new(at: Timestamp, now: Timestamp) -> Self {
        let iso = at.to_rfc3339();
        let part = |range: std::ops::Range<usize>| iso.get(range).unwrap_or_default().to_owned();
        let date = part(0..10);
        let minute = format!("{date} {} UTC", part(11..16));
        Self { date, minute, distance: at.seen_from(now), iso }
    }
}

impl<'r> KeyView<'r> {
    pub(super) fn new(record: &'r KeyRecord, dialect: &Dialect, now: Timestamp) -> Self {
        let state = dialect.state_of(record, now);
        let instant = |at: Option<Timestamp>| at.map(|at| Instant::new(at, now));
        let id = record.id.as_str();
        let kind = dialect.kind_id(&record.kind).map(|kind| dialect.kind(kind));
        Self {
            id,
            name: if record.name.trim().is_empty() { id } else { &record.name },
            description: record.description.as_deref().unwrap_or_default(),
            workspace: &record.workspace,
            kind: &record.kind,
            is_sandbox: kind.is_some_and(|kind| kind.environment() == Environment::Sandbox),
            mask: if record.mask.is_empty() { id } else { &record.mask },
            state: match state {
                KeyState::Active => "Active",
                KeyState::Revoked => "Revoked",
                KeyState::Expired => "Expired",
            },
            note: match (state, record.revoked_at) {
                // A rotation's grace.
                (KeyState::Active, Some(end)) => format!("ends {}", end.seen_from(now)),
                _ => String::new(),
            },
            scopes: match &record.grant {
                Grant::All => Scopes::All,
                Grant::Only(scopes) => Scopes::Only(scopes.iter().collect()),
            },
            resources: match &record.resources {
                Resources::All => None,
                Resources::Only(ids) => Some(ids),
            },
            limit: record.rate_limit_per_min.map(Into::into),
            networks: record.networks.as_ref().map(ToString::to_string),
            creator: record.created_by.as_ref().map_or("", creator),
            creator_is_key: matches!(record.created_by, Some(Creator::Key(_))),
            created: Instant::new(record.created_at, now),
            updated: Instant::new(record.updated_at, now),
            expires: instant(dialect.end_of(record)),
            revoked: instant(record.revoked_at),
            used: instant(record.last_used_at),
            successor: record.rotated_to.as_ref().map(KeyId::as_str),
            can_rotate: state == KeyState::Active && record.rotated_to.is_none(),
            can_revoke: state != KeyState::Revoked,
            can_reactivate: record.revoked_at.is_some() && dialect.reactivates(),
        }
    }
}

/// That something was done to a key.
pub(super) struct EntryView<'r> {
    pub(super) at: Instant,
    pub(super) act: &'static str,
    pub(super) by: &'r str,
    pub(super) from: String,
    /// What was changed.
    pub(super) fields: String,
    /// The other key of a rotation.
    pub(super) other: Option<&'r str>,
}

impl<'r> EntryView<'r> {
    pub(super) fn new(entry: &'r AuditEntry, now: Timestamp) -> Self {
        Self {
            at: Instant::new(entry.at, now),
            act: entry.act.as_str(),
            by: entry.by.as_ref().map_or("", creator),
            from: entry.origin.address.map(|address| address.to_string()).unwrap_or_default(),
            fields: entry.fields.join(", ").replace('_', " "),
            other: entry.counterpart.as_ref().map(KeyId::as_str),
        }
    }
}

/// Who that is, for people.
pub(super) fn creator(creator: &Creator) -> &str {
    match creator {
        Creator::Person(id) => id,
        Creator::Key(id) => id.as_str(),
    }
}
