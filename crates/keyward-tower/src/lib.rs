//! API keys for tower stacks, and with the feature `axum` the extractors. With `tonic`, its bodies are
//! guarded and its handlers refuse like the layer.
//!
//! [`ApiKeyAuth`] is the layer. It asks the [`Verifier`](keyward_core::verify::Verifier) about the
//! head of each request, puts the [`ApiKey`] into its extensions or answers as the dialect says,
//! and names every response with the request's id.

#[cfg(feature = "axum")]
pub mod axum;
mod body;
mod caller;
mod context;
mod drain;
mod future;
mod grpc;
mod guard;
pub mod handover;
mod head;
mod in_flight;
mod layer;
mod limit_layer;
mod mark;
mod maybe;
mod peer;
mod refused;
mod require_layer;
mod scope_layer;
mod service;
#[cfg(feature = "tonic")]
mod tonic;

pub use body::{CutBody, ResponseBody};
pub use caller::Caller;
pub use context::{ApiKey, RequestId};
pub use drain::{DrainBody, DrainFuture, DrainLayer, DrainService};
pub use guard::Guard;
pub use layer::ApiKeyAuth;
pub use limit_layer::RequireLimitLayer;
pub use maybe::MaybeApiKey;
pub use peer::PeerAddr;
pub use refused::Refused;
pub use require_layer::{RequireFuture, RequireService};
pub use scope_layer::RequireScopeLayer;
pub use service::ApiKeyService;

pub use future::ResponseFuture;
pub use keyward_core::verify::Environments;
