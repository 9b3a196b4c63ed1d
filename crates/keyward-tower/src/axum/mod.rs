//! The extractors. They read the head of a request only and need no state.

mod caller;
mod key;
mod per_environment;
mod require_limit;
mod require_resource;
mod require_scope;

pub use per_environment::PerEnvironment;
pub use require_limit::RequireLimit;
pub use require_resource::RequireResource;
pub use require_scope::RequireScope;

pub use crate::{ApiKey, ApiKeyAuth, Caller, Environments, Guard, MaybeApiKey, Refused, RequestId};

use axum::body::Body;
use axum::response::{IntoResponse, Response};

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        Refused::into_response::<Body>(self)
    }
}
