//! The application that each framework builds.

use keyward::key::Literal;
use keyward::peer::TrustedProxies;
use keyward::scope;

/// What a path asks of a request, and what it answers with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asks {
    /// A key; answers with its workspace.
    Key,
    /// A scope.
    Read,
    /// All of two scopes.
    Both,
    /// Any of two scopes.
    Either,
    /// That the key may touch the `{project}` of the path; answers with the key's workspace.
    Project,
    /// That the key is of the `{workspace}` of the path; answers with the key's workspace.
    Workspace,
    /// Which half of the data the key sees.
    Environment,
    /// One request too many, always.
    Limit,
    /// One of the dialect's named limits.
    Analysis,
    /// A scope; answers with the length of the body. The one path that is posted to.
    Upload,
    /// Nothing; answers with the key's workspace, or `a stranger`.
    Nothing,
    /// Nothing; answers with the request's id.
    RequestId,
    /// A key or a person; answers with the key's workspace, or the person's name.
    Caller,
}

/// All there is. Axum and actix-web write parameters alike.
pub(crate) const PATHS: [(&str, Asks); 13] = [
    ("/key", Asks::Key),
    ("/read", Asks::Read),
    ("/both", Asks::Both),
    ("/either", Asks::Either),
    ("/projects/{project}", Asks::Project),
    ("/workspaces/{workspace}", Asks::Workspace),
    ("/environment", Asks::Environment),
    ("/limited", Asks::Limit),
    ("/analysis", Asks::Analysis),
    ("/upload", Asks::Upload),
    ("/anybody", Asks::Nothing),
    ("/id", Asks::RequestId),
    ("/caller", Asks::Caller),
];

/// A named limit that one dialect has.
pub(crate) const ANALYSIS: &str = <scope!("analysis_trigger")>::NAME;
pub(crate) const OK: &str = "ok";
pub(crate) const STRANGER: &str = "a stranger";
pub(crate) const LIVE: &str = "live data";
pub(crate) const SANDBOX: &str = "data of the sandbox";
pub(crate) const NO_PATH: &str = "no such path";
pub(crate) const NO_METHOD: &str = "no such method";
/// The id that the application gives every request, where it does.
pub(crate) const ITS_OWN_ID: &str = "of the application";

impl Asks {
    /// The methods that a path knows, as axum lists them.
    pub(crate) fn allow(self) -> &'static str {
        match self {
            Self::Upload => "POST",
            _ => "GET,HEAD",
        }
    }
}

/// How the layer is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    /// As it comes.
    Plain,
    /// Over a store that is down.
    Down,
    Optional,
    AllowsPreflight,
    AcceptsRequestIds,
    /// Beside the sessions of people.
    Guarded,
    /// Inside of what gives every request the id [`ITS_OWN_ID`].
    GivesRequestIds,
    /// Behind one proxy.
    BehindProxy,
    /// Behind proxies of this machine and of 10.0.0.0/8.
    BehindProxies,
    /// One attempt with an unknown key is free.
    Wary,
}

impl Setup {
    pub(crate) fn proxies(self) -> TrustedProxies {
        match self {
            Self::BehindProxy => TrustedProxies::count(1),
            Self::BehindProxies => TrustedProxies::networks(["127.0.0.0/8", "10.0.0.0/8"]).unwrap(),
            _ => TrustedProxies::NONE,
        }
    }

    pub(crate) const ALL: [Self; 10] = [
        Self::Plain,
        Self::Down,
        Self::Optional,
        Self::AllowsPreflight,
        Self::AcceptsRequestIds,
        Self::Guarded,
        Self::GivesRequestIds,
        Self::BehindProxy,
        Self::BehindProxies,
        Self::Wary,
    ];
}
