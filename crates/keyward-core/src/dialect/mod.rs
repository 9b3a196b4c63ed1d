//! How one API speaks about keys, as data: prefixes, scopes, the bodies of refusals.
//!
//! A [`Dialect`] is read from a TOML file or made by a builder; both go through one check, so
//! every dialect that exists is sound. [Five](Dialect::BUILT_IN) are built in: one for new APIs,
//! [`Dialect::standard`], and those of four services.
//!
//! ```
//! use keyward_core::dialect::{Dialect, Recognised};
//!
//! let acme = Dialect::builder("acme")
//!     .kinds([("live", "acme_live_"), ("test", "acme_test_")])
//!     .scopes([("projects-read", "See projects"), ("projects-write", "Change projects")])
//!     .build()?;
//! let live = acme.kind_id("live").unwrap();
//! let key = acme.issue(live)?;
//! assert_eq!(acme.recognise(key.expose().as_bytes()), Recognised::Key(live));
//! assert_eq!(acme.recognise(b"acme_live_guess"), Recognised::Malformed);
//! assert_eq!(acme.recognise(b"eyJhbGciOi.J9"), Recognised::Unclaimed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alphabet;
mod builder;
mod builtin;
mod check;
mod error;
mod form;
mod id;
mod in_flight;
mod issue;
mod kind;
mod lifetime;
mod limits;
mod location;
pub mod management;
mod mask;
mod permit;
mod render;
mod template;
mod words;

pub use builder::DialectBuilder;
pub use error::DialectError;
pub use form::{KindForm, ScopeForm};
pub use in_flight::InFlight;
pub use issue::IssueError;
pub use kind::{Environment, Kind, KindId, Recognised};
pub use limits::{LimitId, NamedLimit};
pub use location::Location;
pub use permit::{GrantView, ScopeRule, UnassignableScope};
pub use render::Refusal;
pub use words::Words;

pub(crate) use id::IdForm;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::key::{Grant, KeyId, PlainKey};
use crate::verify::RequestId;

use kind::Prefix;
use mask::Mask;
use render::Answers;

/// How one API speaks about keys. Cheap to clone.
#[derive(Clone)]
pub struct Dialect(Arc<Checked>);

/// A form that passed the check, and what was made of it.
struct Checked {
    /// What another dialect can be made like.
    form: form::Form,
    realm: Box<str>,
    locations: Vec<Location>,
    workspace_header: Option<Box<str>>,
    kinds: Vec<Kind>,
    /// The longest first, so that the first match is the longest.
    prefixes: Vec<Prefix>,
    scopes: Vec<ScopeRule>,
    default_grant: Grant,
    limits: Vec<NamedLimit>,
    mask: Mask,
    answers: Answers,
    management: Option<management::Rules>,
    words: Words,
}

impl Dialect {
    /// As many [`Location`]s as there can be.
    pub const MOST_LOCATIONS: usize = 8;

    /// A file of more bytes than this is no dialect.
    const MOST_BYTES: usize = 1 << 20;

    /// Reads a dialect from the text of a TOML file.
    ///
    /// # Errors
    /// [`DialectError`] names the line and says what is wrong with it.
    ///
    /// ```
    /// use keyward_core::dialect::Dialect;
    ///
    /// let error = Dialect::from_toml("name = \"acme\"\nname = \"acme\"").unwrap_err();
    /// assert_eq!(error.line(), Some(2));
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, DialectError> {
        if text.len() > Self::MOST_BYTES {
            return Err(DialectError::new(
                "a dialect may have at most one mebibyte: shorten the file",
            ));
        }
        let form = toml::from_str(text).map_err(|error| DialectError::toml(&error, text))?;
        check::check(form).map_err(|fault| fault.in_text(text)).map(Self::from)
    }

    /// Reads a dialect from a TOML file.
    ///
    /// # Errors
    /// When the file cannot be read, or as [`from_toml`](Self::from_toml); the error names the file.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, DialectError> {
        let path = path.as_ref();
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(Self::MOST_BYTES as u64 + 1).read_to_string(&mut text))
            .map_err(DialectError::io)
            .and_then(|_| Self::from_toml(&text))
            .map_err(|error| error.in_file(path))
    }

    /// Starts a dialect that is like [`standard`](Self::standard) but for what the builder is told.
    pub fn builder(name: impl Into<String>) -> DialectBuilder {
        DialectBuilder::new(name.into())
    }

    /// The name, which a store remembers.
    pub fn name(&self) -> &str {
        self.0.form.name.get_ref()
    }

    /// The `realm` of a challenge.
    pub fn realm(&self) -> &str {
        &self.0.realm
    }

    /// The media type of refusals.
    pub fn content_type(&self) -> &str {
        self.0.form.content_type.get_ref()
    }

    /// Where a key may be, in the order to look.
    pub fn locations(&self) -> &[Location] {
        &self.0.locations
    }

    /// The header, in lower case, in which a request may name the workspace of its key; one that
    /// names another is refused.
    pub fn workspace_header(&self) -> Option<&str> {
        self.0.workspace_header.as_deref()
    }

    /// Every kind of key.
    pub fn kinds(&self) -> &[Kind] {
        &self.0.kinds
    }

    /// The kind that this id stands for.
    ///
    /// # Panics
    /// May panic for an id that another dialect gave.
    pub fn kind(&self, id: KindId) -> &Kind {
        &self.0.kinds[id.index()]
    }

    /// The id of the kind with this name.
    pub fn kind_id(&self, name: &str) -> Option<KindId> {
        let index = self.0.kinds.iter().position(|kind| kind.name() == name)?;
        KindId::new(index)
    }

    /// Whether a revoked key may be made good again; if not, revocation is final.
    pub fn reactivates(&self) -> bool {
        self.0.form.reactivates
    }

    /// Whether a key that manages keys may revoke and delete itself.
    pub fn key_may_end_itself(&self) -> bool {
        self.0.form.ends_itself.unwrap_or(true)
    }

    /// What becomes of a request whose key is revoked before it is answered.
    pub fn in_flight(&self) -> InFlight {
        self.0.form.in_flight
    }

    /// A new id for a request, in the dialect's form: no clock read, no allocation.
    pub fn new_request_id(&self) -> RequestId {
        RequestId::generate(self.0.form.request_id.get_ref())
    }

    /// A new id for a key that is made now, in the dialect's form.
    pub fn new_key_id(&self, now: Timestamp) -> KeyId {
        self.0.form.key_id.get_ref().key_id(now)
    }

    /// What may be shown of a key.
    ///
    /// ```
    /// use keyward_core::{dialect::Dialect, key::PlainKey};
    ///
    /// let key = PlainKey::new("sk-bigspin-api03-000000000000000000000000000000000000000wxyz".into());
    /// assert_eq!(Dialect::bigspin().mask(&key), "sk-bigspin-a...wxyz");
    /// ```
    pub fn mask(&self, key: &PlainKey) -> String {
        self.0.mask.apply(key.expose(), &self.0.prefixes)
    }

    /// Whether a key may have this name, counted in characters.
    ///
    /// ```
    /// use keyward_core::dialect::Dialect;
    ///
    /// assert!(Dialect::bigspin().check_name("a job").is_ok());
    /// assert!(Dialect::bigspin().check_name("a  ").is_err());
    /// assert!(Dialect::bigspin().check_name(&format!("a job{}", " ".repeat(255))).is_err());
    /// ```
    ///
    /// # Errors
    /// A sentence for people.
    pub fn check_name(&self, name: &str) -> Result<(), String> {
        self.0.form.names.get_ref().check(name)
    }
}

impl From<Checked> for Dialect {
    fn from(checked: Checked) -> Self {
        Self(Arc::new(checked))
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dialect").field(&self.name()).finish()
    }
}
