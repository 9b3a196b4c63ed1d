//! `/auth`: whether a gateway lets a request through. Its status is the answer, its headers say who
//! sent the request, or its body why it is refused.
//!
//! What a route asks for comes from the gateway's configuration. Nothing that a client sends can make
//! it less: of several `scopes`, all must hold, and each place is read by one kind of gateway alone.

use axum::response::{IntoResponse, Response};
use http::header::HeaderMap;
use http::{StatusCode, Uri};
use keyward::axum::ApiKey;
use keyward::key::check_expression;

use super::identity;
use super::problem::{Problem, Trouble};

/// Names the scopes where the address is the client's own.
const SCOPES: &str = "x-keyward-scopes";

/// For gateways that ask at an address which they are configured with: `scopes` and `resource` in its
/// query.
pub(super) async fn by_address(key: ApiKey, address: Uri) -> Result<Response, Trouble> {
    for (name, value) in form_urlencoded::parse(address.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "scopes" => require(&key, &value)?,
            "resource" => key.require_resource(&value)?,
            // A misspelled one must not ask for nothing.
            _ => {
                return Err(
                    unread("the query has `scopes` and `resource`, and nothing else").into()
                );
            }
        }
    }
    Ok(granted(&key))
}

/// For gateways that ask at the client's own path and query: `X-Keyward-Scopes`, which the gateway
/// sets.
pub(super) async fn by_header(key: ApiKey, headers: HeaderMap) -> Result<Response, Trouble> {
    for value in headers.get_all(SCOPES) {
        require(&key, value.to_str().unwrap_or_default())?;
    }
    Ok(granted(&key))
}

fn require(key: &ApiKey, scopes: &str) -> Result<(), Trouble> {
    check_expression(scopes)
        .map_err(|error| unread(&format!("its scopes cannot be asked for, {error}")))?;
    Ok(key.require(scopes)?)
}

fn granted(key: &ApiKey) -> Response {
    (StatusCode::OK, identity::of(key)).into_response()
}

/// Nobody gets through: whoever configures the gateway sees why.
fn unread(why: &str) -> Problem {
    tracing::warn!(target: "keyward", "a gateway asks /auth for what cannot be: {why}");
    Problem::bad_request(format!("A gateway asks for what cannot be: {why}."))
}
