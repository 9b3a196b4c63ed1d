use std::num::NonZeroU32;

use super::Dialect;
use crate::limit::{LimitField, LimitStyle, Standing};

/// A limit that a route asks for by its name.
#[derive(Debug)]
pub struct NamedLimit {
    pub(super) name: Box<str>,
    pub(super) per_minute: NonZeroU32,
}

impl NamedLimit {
    /// The longest name, in bytes.
    pub(super) const LONGEST: usize = 64;
    /// As many as a dialect may have: a request notes them in 32 bits.
    pub(super) const MOST: usize = 32;

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Requests a minute, of each key.
    pub fn per_minute(&self) -> NonZeroU32 {
        self.per_minute
    }
}

/// Stands for a named limit of one dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitId(u8);

impl LimitId {
    pub(crate) fn index(self) -> usize {
        self.0.into()
    }
}

impl Dialect {
    /// Requests a minute of each key that has no limit of its own; `None` where such keys are not
    /// limited.
    pub fn rate_limit_per_min(&self) -> Option<NonZeroU32> {
        self.0.form.limits.per_minute.as_ref().and_then(|limit| NonZeroU32::new(*limit.get_ref()))
    }

    /// The limits that routes ask for by name.
    pub fn named_limits(&self) -> &[NamedLimit] {
        &self.0.limits
    }

    /// The id of the limit with this name.
    ///
    /// ```
    /// use keyward_core::dialect::Dialect;
    ///
    /// assert!(Dialect::scribe_sight().limit_id("upload_initiation").is_some());
    /// assert!(Dialect::scribe_sight().limit_id("uploads").is_none());
    /// ```
    pub fn limit_id(&self, name: &str) -> Option<LimitId> {
        let index = self.0.limits.iter().position(|limit| *limit.name == *name)?;
        u8::try_from(index).ok().map(LimitId)
    }

    pub(crate) fn named_limit(&self, id: LimitId) -> Option<&NamedLimit> {
        self.0.limits.get(id.index())
    }

    /// How responses say what is left of a key's limit.
    pub fn limit_style(&self) -> LimitStyle {
        self.0.form.limits.headers
    }

    /// Shows each header that says how a key stands, without an allocation.
    pub fn show_limit(&self, standing: &Standing, show: impl FnMut(LimitField, &str)) {
        let named = standing.name().and_then(|id| self.named_limit(id));
        let name = named.map_or("default", NamedLimit::name);
        standing.style().show(standing, name, show);
    }
}
