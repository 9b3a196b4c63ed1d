//! The five APIs: their scopes as types, and how each of them words a refusal.

use keyward::dialect::Dialect;
use keyward::key::Literal;
use keyward::scope;

/// An API with two scopes, and with what handlers ask for as types.
pub(crate) trait Api: 'static {
    type Read: Literal;
    type Write: Literal;
    /// All of two.
    type Both: Literal;
    /// Any of two.
    type Either: Literal;

    fn dialect() -> Dialect;

    /// What stands in the body of a refusal and in no other kind's, where the API tells them apart.
    fn word(refusal: Why) -> &'static str;
}

/// What a refusal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Missing,
    Invalid,
    Expired,
    Scope,
    Resource,
    Network,
    Ambiguous,
    Limited,
    Unavailable,
}

pub(crate) struct Standard;

impl Api for Standard {
    type Read = scope!("invoices:read");
    type Write = scope!("invoices:write");
    type Both = scope!("invoices:read invoices:write");
    type Either = scope!("invoices:read | invoices:write");

    fn dialect() -> Dialect {
        Dialect::standard()
    }

    fn word(refusal: Why) -> &'static str {
        match refusal {
            Why::Missing => "missing_key",
            Why::Invalid => "invalid_key",
            Why::Expired => "expired_key",
            Why::Scope => "insufficient_scope",
            Why::Resource => "forbidden_resource",
            Why::Network => "forbidden_network",
            Why::Ambiguous => "ambiguous_key",
            Why::Limited => "rate_limited",
            Why::Unavailable => "unavailable",
        }
    }
}

pub(crate) struct Bigspin;

impl Api for Bigspin {
    type Read = scope!("projects-read");
    type Write = scope!("projects-write");
    type Both = scope!("projects-read projects-write");
    type Either = scope!("projects-read | projects-write");

    fn dialect() -> Dialect {
        Dialect::bigspin()
    }

    fn word(refusal: Why) -> &'static str {
        match refusal {
            Why::Missing => "API key required for authentication",
            Why::Invalid | Why::Expired => "Invalid API key",
            Why::Scope | Why::Resource => "API key does not have permission for this endpoint",
            Why::Network => "not allowed from this IP address",
            Why::Ambiguous => "Send exactly one API key",
            Why::Limited => "Too many requests",
            Why::Unavailable => "Authentication is temporarily unavailable",
        }
    }
}

pub(crate) struct ScribeSight;

impl Api for ScribeSight {
    type Read = scope!("read");
    type Write = scope!("write");
    type Both = scope!("read write");
    type Either = scope!("read | write");

    fn dialect() -> Dialect {
        Dialect::scribe_sight()
    }

    fn word(refusal: Why) -> &'static str {
        match refusal {
            Why::Missing | Why::Invalid | Why::Expired => "authentication_required",
            Why::Scope => "Key lacks required scope",
            Why::Resource => "Key cannot access this project",
            Why::Network => "Key cannot be used from this IP address",
            Why::Ambiguous => "invalid_request",
            Why::Limited => "Too many requests. Please retry after",
            Why::Unavailable => "service_unavailable",
        }
    }
}

pub(crate) struct OnePin;

impl Api for OnePin {
    type Read = scope!("workflows:read");
    type Write = scope!("workflows:run");
    type Both = scope!("workflows:read workflows:run");
    type Either = scope!("workflows:read | workflows:run");

    fn dialect() -> Dialect {
        Dialect::onepin()
    }

    fn word(refusal: Why) -> &'static str {
        match refusal {
            Why::Missing | Why::Invalid | Why::Expired => "INVALID_API_KEY",
            Why::Scope | Why::Resource => "FORBIDDEN",
            Why::Network => "not allowed from this IP address",
            Why::Ambiguous => "BAD_REQUEST",
            Why::Limited => "RATE_LIMITED",
            Why::Unavailable => "SERVICE_UNAVAILABLE",
        }
    }
}

pub(crate) struct Systemprompt;

impl Api for Systemprompt {
    type Read = scope!("skills:read");
    type Write = scope!("skills:write");
    type Both = scope!("skills:read skills:write");
    type Either = scope!("skills:read | skills:write");

    fn dialect() -> Dialect {
        Dialect::systemprompt()
    }

    fn word(refusal: Why) -> &'static str {
        match refusal {
            Why::Missing | Why::Invalid => "invalid_api_key",
            Why::Expired => "expired_api_key",
            Why::Scope | Why::Resource => "insufficient_scope",
            Why::Network => "forbidden_ip",
            Why::Ambiguous => "invalid_request",
            Why::Limited => "rate_limited",
            Why::Unavailable => "unavailable",
        }
    }
}
