use serde::Deserialize;

/// What a field of a request's body is, whatever the API calls it. In the order in which faults are
/// told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Field {
    /// Text.
    Name,
    /// Text or null.
    Description,
    /// Text: whose key it is.
    Workspace,
    /// A list of scopes.
    Scopes,
    /// A list of scopes, or `"all"`.
    Grant,
    /// A list of ids, or null for all.
    Resources,
    /// Requests a minute, an integer from 1, or null.
    RateLimitPerMin,
    /// A list of networks such as `203.0.113.0/24`, or null for anywhere.
    Networks,
    /// A kind of key that is issued.
    Kind,
    /// An instant in the future, RFC 3339 with an offset, or null.
    ExpiresAt,
    /// False revokes, true reactivates.
    Active,
}

impl Field {
    /// What a [`ManageError`](crate::manage::ManageError) calls it.
    pub fn of_manager(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Workspace => "workspace",
            Self::Scopes | Self::Grant => "scopes",
            Self::Resources => "resources",
            Self::RateLimitPerMin => "rate_limit_per_min",
            Self::Networks => "networks",
            Self::Kind => "kind",
            Self::ExpiresAt => "expires_at",
            Self::Active => "active",
        }
    }

    /// Whether a key that is there already may be changed in this.
    pub(super) fn changes(self) -> bool {
        !matches!(self, Self::Workspace | Self::Kind)
    }

    /// Whether a new key may be given this.
    pub(super) fn is_given(self) -> bool {
        self != Self::Active
    }
}

/// What a query parameter of a list is, whatever the API calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Parameter {
    /// `active`, `revoked` or `all`.
    Status,
    /// Only this workspace's keys.
    Workspace,
}
