//! API keys for actix-web: the names of `keyward-tower` and its axum extractors, with the same
//! answers.
//!
//! [`ApiKeyAuth`] goes into `.wrap(…)` of an app, a scope or a resource. It asks the
//! [`Verifier`](keyward_core::verify::Verifier) about the head of each request, leaves the
//! [`ApiKey`] in its extensions or answers as the dialect says, and names every response with the
//! request's id. The extractors read the head only and need no state.
//!
//! With the feature `tower`, [`mount`] serves a path with a service of tower, such as the management
//! of keys.

mod body;
mod caller;
mod context;
mod future;
mod guard;
mod head;
mod held;
mod in_flight;
mod key;
mod layer;
mod limit_layer;
mod mark;
#[cfg(feature = "tower")]
mod mount;
mod per_environment;
mod refused;
mod require_layer;
mod require_limit;
mod require_resource;
mod require_scope;
mod scope_layer;
mod service;

pub use caller::Caller;
pub use context::{ApiKey, RequestId};
pub use future::ResponseFuture;
pub use guard::Guard;
pub use key::MaybeApiKey;
pub use keyward_core::verify::Environments;
pub use layer::ApiKeyAuth;
pub use limit_layer::RequireLimitLayer;
#[cfg(feature = "tower")]
pub use mount::{RequestBody, TowerGuard, mount};
pub use per_environment::PerEnvironment;
pub use refused::Refused;
pub use require_layer::{RequireFuture, RequireService};
pub use require_limit::RequireLimit;
pub use require_resource::RequireResource;
pub use require_scope::RequireScope;
pub use scope_layer::RequireScopeLayer;
pub use service::ApiKeyService;
