//! A dialect as a file or the builder gives it, before the check.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::alphabet::Alphabet;
use super::id::IdForm;
use super::in_flight::InFlight;
use super::kind::Environment;
use super::management::ManagementForm;
use super::words::Words;
use crate::limit::LimitStyle;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    pub(super) name: Spanned<String>,
    /// The name, where it is left out.
    pub(super) realm: Option<Spanned<String>>,
    pub(super) content_type: Spanned<String>,
    /// Seconds to wait after a 503 that names none.
    pub(super) retry_after: u32,
    pub(super) reactivates: bool,
    /// Whether a key that manages keys may revoke and delete itself: yes, where it is left out.
    pub(super) ends_itself: Option<bool>,
    #[serde(default)]
    pub(super) in_flight: InFlight,
    pub(super) request_id: Spanned<IdForm>,
    pub(super) key_id: Spanned<IdForm>,
    pub(super) mask: Spanned<MaskForm>,
    pub(super) names: Spanned<NameForm>,
    /// The header in which a request may name its key's workspace.
    pub(super) workspace_header: Option<Spanned<String>>,
    pub(super) locations: Spanned<Vec<Spanned<LocationForm>>>,
    pub(super) kinds: Spanned<Vec<KindForm>>,
    pub(super) scopes: ScopesForm,
    #[serde(default)]
    pub(super) lifetime: LifetimeForm,
    #[serde(default)]
    pub(super) limits: LimitsForm,
    pub(super) rejections: RejectionsForm,
    pub(super) management: Option<ManagementForm>,
    #[serde(default)]
    pub(super) words: Words,
}

/// One of `first` and `after_prefix`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaskForm {
    pub(super) first: Option<usize>,
    pub(super) after_prefix: Option<usize>,
    pub(super) last: usize,
}

/// How many characters a key's name has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameForm {
    pub(super) min: usize,
    pub(super) max: usize,
}

impl NameForm {
    pub(super) fn check(&self, name: &str) -> Result<(), String> {
        // Three blanks are not a name of three; but they are kept, and so count towards the most.
        if name.trim().chars().count() >= self.min && name.chars().count() <= self.max {
            Ok(())
        } else {
            Err(format!("a name has {} to {} characters", self.min, self.max))
        }
    }
}

/// `header` with or without `scheme`, or `insecure_query`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LocationForm {
    pub(super) header: Option<String>,
    pub(super) scheme: Option<String>,
    pub(super) insecure_query: Option<String>,
}

/// A kind of key as a dialect's file or its builder gives it.
///
/// ```
/// use keyward_core::dialect::{Dialect, GrantView, KindForm};
///
/// let in_browsers = KindForm::new("publishable", "pk_").with_grants(["upload"]).with_cap([]);
/// let acme = Dialect::builder("acme")
///     .kinds([KindForm::new("secret", "sk_"), in_browsers])
///     .scopes([("read", "See everything")])
///     .build()?;
/// let publishable = acme.kind_id("publishable").unwrap();
/// assert!(acme.permits(publishable, GrantView::All, "upload"));
/// assert!(!acme.permits(publishable, GrantView::All, "read"));
/// # Ok::<(), keyward_core::dialect::DialectError>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindForm {
    pub(super) name: Spanned<String>,
    pub(super) prefix: Spanned<String>,
    #[serde(default)]
    pub(super) legacy_prefixes: Vec<Spanned<String>>,
    /// A kind without it is only accepted.
    pub(super) issue: Option<Spanned<IssueForm>>,
    /// Exactly what is issued, where it is left out.
    pub(super) accept: Option<Spanned<AcceptForm>>,
    pub(super) checksum: Spanned<ChecksumForm>,
    #[serde(default)]
    pub(super) environment: Environment,
    #[serde(default)]
    pub(super) grants: Vec<Spanned<String>>,
    pub(super) cap: Option<Vec<Spanned<String>>>,
}

/// The random characters of a new key.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueForm {
    pub(super) length: usize,
    pub(super) alphabet: Alphabet,
}

/// All that may come after the prefix, a checksum included.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptForm {
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) alphabet: Alphabet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChecksumForm {
    None,
    Crc32,
}

impl KindForm {
    /// A kind whose keys are the prefix, 30 random base62 characters and a CRC32 checksum.
    pub fn new(name: &str, prefix: &str) -> Self {
        Self {
            name: built(name.to_owned()),
            prefix: built(prefix.to_owned()),
            legacy_prefixes: Vec::new(),
            issue: Some(built(IssueForm { length: 30, alphabet: Alphabet::Base62 })),
            accept: None,
            checksum: built(ChecksumForm::Crc32),
            environment: Environment::Live,
            grants: Vec::new(),
            cap: None,
        }
    }

    /// Which data its keys see; live without it.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Scopes that every key of this kind has and that cannot be assigned.
    #[must_use]
    pub fn with_grants<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.grants = scopes.into_iter().map(|scope| built(scope.to_owned())).collect();
        self
    }

    /// The only scopes that a grant can give a key of this kind.
    #[must_use]
    pub fn with_cap<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.cap = Some(scopes.into_iter().map(|scope| built(scope.to_owned())).collect());
        self
    }
}

impl From<(&str, &str)> for KindForm {
    /// From a name and a prefix, as [`KindForm::new`].
    fn from((name, prefix): (&str, &str)) -> Self {
        Self::new(name, prefix)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopesForm {
    /// What a key is granted when its creator says nothing.
    pub(super) omitted: Spanned<OmittedForm>,
    pub(super) refuse_empty_grant: bool,
    /// Empty: any scope may be assigned.
    pub(super) catalogue: Spanned<Vec<ScopeForm>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "write \"all\" or a list of scopes")]
pub(super) enum OmittedForm {
    Word(AllWord),
    List(Vec<String>),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AllWord {
    All,
}

/// A scope of the catalogue as a dialect's file or its builder gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeForm {
    pub(super) name: Spanned<String>,
    pub(super) description: String,
    #[serde(default)]
    pub(super) satisfied_by: Vec<Spanned<String>>,
}

impl ScopeForm {
    /// A scope that nothing else satisfies, with a description for people.
    pub fn new(name: &str, description: &str) -> Self {
        Self {
            name: built(name.to_owned()),
            description: description.to_owned(),
            satisfied_by: Vec::new(),
        }
    }

    /// Other scopes of the catalogue that do as well where this one is asked for.
    #[must_use]
    pub fn with_satisfied_by<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.satisfied_by = scopes.into_iter().map(|scope| built(scope.to_owned())).collect();
        self
    }
}

impl From<(&str, &str)> for ScopeForm {
    /// From a name and a description, as [`ScopeForm::new`].
    fn from((name, description): (&str, &str)) -> Self {
        Self::new(name, description)
    }
}

/// How long a key may live, and how long unused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LifetimeForm {
    pub(super) max_days: Option<Spanned<u32>>,
    pub(super) idle_days: Option<Spanned<u32>>,
}

/// Requests a minute, of each key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsForm {
    #[serde(default)]
    pub(super) headers: LimitStyle,
    /// Of a key that has no limit of its own.
    pub(super) per_minute: Option<Spanned<u32>>,
    /// Of routes that ask for them.
    #[serde(default)]
    pub(super) named: BTreeMap<Spanned<String>, Spanned<u32>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectionsForm {
    pub(super) missing: RejectionForm,
    /// Malformed, unknown and revoked keys too.
    pub(super) invalid: RejectionForm,
    /// As `invalid`, where it is left out.
    pub(super) expired: Option<RejectionForm>,
    pub(super) scope: RejectionForm,
    /// As `scope`, where it is left out.
    pub(super) resource: Option<RejectionForm>,
    /// As `resource`, where it is left out.
    pub(super) network: Option<RejectionForm>,
    pub(super) ambiguous: RejectionForm,
    pub(super) rate_limited: RejectionForm,
    pub(super) unavailable: RejectionForm,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectionForm {
    /// The usual one of the kind of rejection, where it is left out.
    pub(super) status: Option<Spanned<u16>>,
    /// JSON with placeholders.
    pub(super) body: Spanned<String>,
}

/// A value that comes from no file.
pub(super) fn built<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}
