use std::net::IpAddr;

use serde::{Serialize, Serializer};

use crate::clock::Timestamp;
use crate::key::{Creator, KeyId};

/// That somebody did something to a key.
///
/// It serialises to an object whose fields are always there, with an instant of RFC 3339 and `null`
/// for what is not known:
///
/// ```
/// use keyward_core::audit::{Act, AuditEntry};
/// use keyward_core::clock::Timestamp;
/// use keyward_core::key::{Creator, KeyId};
///
/// let at = Timestamp::from_millis(1_800_000_000_000);
/// let mut entry = AuditEntry::new(at, Act::Updated, KeyId::new("key_1"), "acme");
/// entry.name = "ci".to_owned();
/// entry.by = Some(Creator::Person("ada".to_owned()));
/// entry.fields = vec!["name".to_owned(), "scopes".to_owned()];
/// assert_eq!(
///     serde_json::to_string(&entry)?,
///     concat!(
///         r#"{"number":null,"at":"2027-01-15T08:00:00.000Z","act":"updated","key":"key_1","#,
///         r#""name":"ci","workspace":"acme","by":{"person":"ada"},"address":null,"#,
///         r#""request_id":null,"fields":["name","scopes"],"counterpart":null}"#,
///     )
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// Its place in the trail of a store, in the order of the commits; `None` before it is stored.
    pub number: Option<u64>,
    /// When, by the clock of whoever did it.
    pub at: Timestamp,
    /// What was done.
    pub act: Act,
    /// To which key.
    pub key: KeyId,
    /// What people called the key from then on.
    pub name: String,
    /// The tenant that the key belongs to.
    pub workspace: String,
    /// Who did it, where that was said.
    pub by: Option<Creator>,
    /// From where.
    pub origin: Origin,
    /// What of the key was changed, by the names that requests have for it, such as `scopes`.
    pub fields: Vec<String>,
    /// The other key of a rotation: that in its place, or that in whose place it is.
    pub counterpart: Option<KeyId>,
}

/// What was done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Act {
    /// Made, also by a rotation.
    Created,
    /// Kept from then on, and made elsewhere before.
    Imported,
    /// Changed.
    Updated,
    /// Another key was put in its place.
    Rotated,
    /// Ended.
    Revoked,
    /// Let in again.
    Reactivated,
    /// Removed.
    Deleted,
}

/// From where an act came, as far as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the client.
    pub address: Option<IpAddr>,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl AuditEntry {
    /// An entry that says no more.
    pub fn new(at: Timestamp, act: Act, key: KeyId, workspace: impl Into<String>) -> Self {
        Self {
            number: None,
            at,
            act,
            key,
            name: String::new(),
            workspace: workspace.into(),
            by: None,
            origin: Origin::default(),
            fields: Vec::new(),
            counterpart: None,
        }
    }
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Imported,
        Self::Updated,
        Self::Rotated,
        Self::Revoked,
        Self::Reactivated,
        Self::Deleted,
    ];

    /// The word for it.
    ///
    /// ```
    /// use keyward_core::audit::Act;
    ///
    /// assert_eq!(Act::Revoked.as_str(), "revoked");
    /// assert!(Act::ALL.iter().any(|act| act.as_str() == "imported"));
    /// assert!(!Act::ALL.iter().any(|act| act.as_str() == "looked at"));
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Imported => "imported",
            Self::Updated => "updated",
            Self::Rotated => "rotated",
            Self::Revoked => "revoked",
            Self::Reactivated => "reactivated",
            Self::Deleted => "deleted",
        }
    }
}

impl Serialize for AuditEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Origin { address, request_id } = &self.origin;
        let document = Document {
            number: self.number,
            at: self.at.to_rfc3339_millis(),
            act: self.act.as_str(),
            key: self.key.as_str(),
            name: &self.name,
            workspace: &self.workspace,
            by: self.by.as_ref().map(|by| match by {
                Creator::Person(name) => By::Person(name),
                Creator::Key(id) => By::Key(id.as_str()),
            }),
            address: *address,
            request_id: request_id.as_deref(),
            fields: &self.fields,
            counterpart: self.counterpart.as_ref().map(KeyId::as_str),
        };
        document.serialize(serializer)
    }
}

/// An entry as JSON.
#[derive(Serialize)]
struct Document<'a> {
    number: Option<u64>,
    at: String,
    act: &'static str,
    key: &'a str,
    name: &'a str,
    workspace: &'a str,
    by: Option<By<'a>>,
    address: Option<IpAddr>,
    request_id: Option<&'a str>,
    fields: &'a [String],
    counterpart: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum By<'a> {
    Person(&'a str),
    Key(&'a str),
}
