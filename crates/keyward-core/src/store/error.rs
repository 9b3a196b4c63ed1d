use std::error::Error;
use std::fmt;

/// Why a store did not do what it was asked.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What to do about a [`StoreError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// It could not be reached, or did not answer in time. Try again later.
    Unavailable,
    /// An id or digest is taken.
    Exists,
    /// The key has changed meanwhile, or is gone. Read it again.
    Conflict,
    /// The store was opened with another dialect before.
    OtherDialect,
    /// What it holds cannot be read.
    Corrupt,
}

impl StoreError {
    /// An error with a sentence for people. Nothing secret belongs into it.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// The same with what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The store could not be reached, for this reason.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Unavailable, "the key store cannot be reached")
            .with_source(source)
    }

    /// [`StoreErrorKind::Exists`].
    pub fn exists() -> Self {
        let message = "a key with this id or digest exists: make a new key and try again";
        Self::new(StoreErrorKind::Exists, message)
    }

    /// [`StoreErrorKind::Conflict`].
    pub fn conflict() -> Self {
        Self::new(StoreErrorKind::Conflict, "the key has changed meanwhile: read it again")
    }

    /// [`StoreErrorKind::OtherDialect`], of a store that `claimed` has and `asked` was opened with.
    pub fn other_dialect(claimed: &str, asked: &str) -> Self {
        let message = format!(
            "this store holds keys of the dialect `{claimed}`, not `{asked}`: \
             open it with `{claimed}`, or give `{asked}` a store of its own"
        );
        Self::new(StoreErrorKind::OtherDialect, message)
    }

    /// What to do about it.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}
