//! People beside keys: who may manage keys, and how that goes over HTTP.
//!
//! [`KeyAdmin`] is the management API of a dialect as a tower service; an [`AdminGuard`] says who
//! may use it: [`KeyGuard`] lets keys manage keys, [`PersonGuard`] people.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::{Router, body::Body, http::Request};
//! use keyward::axum::ApiKeyAuth;
//! use keyward::dialect::Dialect;
//! use keyward::key::Grant;
//! use keyward::manage::{KeyManager, NewKey};
//! use keyward::store::MemoryStore;
//! use keyward::verify::Verifier;
//! use keyward_admin::{KeyAdmin, KeyGuard};
//! use tower::ServiceExt;
//!
//! let store = MemoryStore::new();
//! let manager = KeyManager::builder(Dialect::scribe_sight(), store.clone()).open().await?;
//! let verifier = Verifier::builder(Dialect::scribe_sight(), store).build()?;
//! let app: Router = KeyAdmin::new(manager.clone(), KeyGuard)?
//!     .routes()
//!     .layer(ApiKeyAuth::new(verifier));
//!
//! let writer = manager.create(NewKey::new("acme", "CI")).await?.key;
//! let reader = NewKey::new("acme", "reads").with_grant(Grant::Only("read".parse()?));
//! let reader = manager.create(reader).await?.key;
//! let create = async |key: &str| {
//!     let request = Request::post("/api/v1/api-keys")
//!         .header("authorization", format!("Bearer {key}"))
//!         .header("content-type", "application/json")
//!         .body(Body::from(r#"{"name":"Production API"}"#))?;
//!     let response = app.clone().oneshot(request).await?;
//!     Ok::<_, Box<dyn std::error::Error>>(response.status().as_u16())
//! };
//! assert_eq!(create(writer.expose()).await?, 201);
//! assert_eq!(create(reader.expose()).await?, 403);
//! # Ok(()) }
//! ```

#[cfg(feature = "dashboard")]
mod dashboard;
mod guard;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "prometheus")]
mod metrics;
mod request;
mod service;

#[cfg(feature = "dashboard")]
pub use dashboard::{Dashboard, SignIn};
pub use guard::{Admin, AdminGuard, Denied, KeyGuard, Membership, PersonGuard};
#[cfg(feature = "prometheus")]
pub use metrics::Metrics;
pub use service::KeyAdmin;
