use super::form::InstantsForm;
use crate::clock::Timestamp;
use crate::dialect::template::{Names, Piece, Placeholder, Template};
use crate::dialect::{Dialect, ScopeRule};
use crate::key::{Creator, Grant, KeyRecord, PlainKey, Resources};

/// The placeholders of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Id,
    Workspace,
    CreatedBy,
    Name,
    Description,
    Kind,
    Mask,
    Prefix,
    Suffix,
    Scopes,
    Grant,
    Resources,
    Active,
    Status,
    RateLimitPerMin,
    Networks,
    LastUsedAt,
    ExpiresAt,
    RevokedAt,
    CreatedAt,
    UpdatedAt,
    Key,
}

impl Part {
    pub(super) const OF_ISSUED: Names<Self> = &[
        // The secret: a record has all but this.
        ("key", Self::Key),
        ("id", Self::Id),
        ("workspace", Self::Workspace),
        ("created_by", Self::CreatedBy),
        ("name", Self::Name),
        ("description", Self::Description),
        ("kind", Self::Kind),
        // What the dialect's mask shows, and that cut after the prefix.
        ("mask", Self::Mask),
        ("prefix", Self::Prefix),
        ("suffix", Self::Suffix),
        // A list in the order of the catalogue, all of which everything means; or a list or "all".
        ("scopes", Self::Scopes),
        ("grant", Self::Grant),
        // A list, or null for everything.
        ("resources", Self::Resources),
        // A boolean; and `active`, `revoked` or `expired`.
        ("active", Self::Active),
        ("status", Self::Status),
        ("rate_limit_per_min", Self::RateLimitPerMin),
        // A list, or null for anywhere.
        ("networks", Self::Networks),
        ("last_used_at", Self::LastUsedAt),
        ("expires_at", Self::ExpiresAt),
        ("revoked_at", Self::RevokedAt),
        ("created_at", Self::CreatedAt),
        ("updated_at", Self::UpdatedAt),
    ];
    pub(super) const OF_RECORD: Names<Self> = match Self::OF_ISSUED {
        [_, parts @ ..] => parts,
        [] => &[],
    };
}

impl Placeholder for Part {
    fn sample(self, wide: bool) -> Piece<'static> {
        match self {
            Self::Active => Piece::Bool(wide),
            Self::Scopes | Self::Grant | Self::Resources | Self::Networks => {
                Piece::Json(br#"["-"]"#.into())
            }
            Self::RateLimitPerMin if wide => Piece::Number(u32::MAX.into()),
            _ if wide => "-".into(),
            _ => Piece::Null,
        }
    }
}

/// A key as it is shown at one moment.
pub(super) struct Shown<'a> {
    pub(super) dialect: &'a Dialect,
    pub(super) record: &'a KeyRecord,
    pub(super) key: Option<&'a PlainKey>,
    pub(super) instants: InstantsForm,
    pub(super) now: Timestamp,
}

impl<'a> Shown<'a> {
    pub(super) fn render(&self, template: &Template<Part>) -> Vec<u8> {
        template.render(|part| self.part(part))
    }

    fn part(&self, part: Part) -> Piece<'a> {
        let record = self.record;
        match part {
            Part::Id => record.id.as_str().into(),
            Part::Workspace => record.workspace.as_str().into(),
            Part::CreatedBy => match &record.created_by {
                None => Piece::Null,
                Some(Creator::Person(id)) => id.as_str().into(),
                Some(Creator::Key(id)) => id.as_str().into(),
            },
            Part::Name => record.name.as_str().into(),
            Part::Description => text(record.description.as_deref()),
            Part::Kind => record.kind.as_str().into(),
            Part::Mask => record.mask.as_str().into(),
            Part::Prefix => self.dialect.cut_mask(record).0.into(),
            Part::Suffix => self.dialect.cut_mask(record).1.into(),
            Part::Grant if record.grant == Grant::All => "all".into(),
            Part::Scopes | Part::Grant => list(&self.scopes()),
            Part::Resources => match &record.resources {
                Resources::All => Piece::Null,
                Resources::Only(ids) => list(&ids.iter().map(String::as_str).collect::<Vec<_>>()),
            },
            Part::Active => Piece::Bool(!record.is_revoked(self.now)),
            Part::Status => self.dialect.state_of(self.record, self.now).as_str().into(),
            Part::RateLimitPerMin => {
                let limit = record.rate_limit_per_min;
                limit.map_or(Piece::Null, |limit| Piece::Number(limit.get().into()))
            }
            Part::Networks => match &record.networks {
                None => Piece::Null,
                Some(networks) => {
                    Piece::json(&networks.iter().map(|network| network.to_string()).collect())
                }
            },
            Part::LastUsedAt => self.instant(record.last_used_at),
            Part::ExpiresAt => self.instant(record.expires_at),
            Part::RevokedAt => self.instant(record.revoked_at),
            Part::CreatedAt => self.instant(Some(record.created_at)),
            Part::UpdatedAt => self.instant(Some(record.updated_at)),
            Part::Key => text(self.key.map(PlainKey::expose)),
        }
    }

    /// What the key was granted of what its kind lets a grant give, in the order of the catalogue.
    fn scopes(&self) -> Vec<&'a str> {
        let catalogue = || self.dialect.scopes().map(ScopeRule::name);
        let granted = |scope: &&str| self.record.grant.contains(scope);
        let others: Vec<&str> = match &self.record.grant {
            Grant::All => Vec::new(),
            Grant::Only(own) => {
                own.iter().filter(|own| !catalogue().any(|it| it == *own)).collect()
            }
        };
        let kind = self.dialect.kind_id(&self.record.kind);
        let cap = kind.and_then(|kind| self.dialect.kind(kind).cap());
        let given = |scope: &&str| cap.is_none_or(|cap| cap.contains(scope));
        catalogue().filter(granted).chain(others).filter(given).collect()
    }

    fn instant(&self, instant: Option<Timestamp>) -> Piece<'a> {
        instant.map_or(Piece::Null, |instant| self.instants.show(instant).into())
    }
}

impl InstantsForm {
    pub(super) fn show(self, instant: Timestamp) -> String {
        match self {
            Self::Seconds => instant.to_rfc3339(),
            Self::Milliseconds => instant.to_rfc3339_millis(),
        }
    }
}

impl Dialect {
    /// A record's mask, cut after the prefix of the key. A mask that shows no prefix hides all.
    fn cut_mask<'a>(&'a self, record: &'a KeyRecord) -> (&'a str, &'a str) {
        let prefixes = self.0.prefixes.iter().map(|prefix| &*prefix.text);
        let mut cuts = prefixes
            .filter_map(|prefix| record.mask.strip_prefix(prefix).map(|suffix| (prefix, suffix)));
        cuts.next().unwrap_or_else(|| {
            let kind = self.kind_id(&record.kind).map(|kind| self.kind(kind).prefix());
            (kind.unwrap_or_default(), &record.mask)
        })
    }
}

fn text(text: Option<&str>) -> Piece<'_> {
    text.map_or(Piece::Null, Into::into)
}

fn list(texts: &[&str]) -> Piece<'static> {
    Piece::json(&texts.iter().copied().collect())
}
