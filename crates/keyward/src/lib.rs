//! API keys in process: who is let in, what they may do, and the life of a key.
//!
//! A [`Dialect`](dialect::Dialect) says how an API speaks about keys: prefixes, scopes, the bodies of
//! refusals. A store keeps what is to be known of a key, never its secret. A
//! [`KeyManager`](manage::KeyManager) makes and ends keys; a [`Verifier`](verify::Verifier) says who
//! sent a request. [`ApiKeyAuth`](axum::ApiKeyAuth) puts it in front of routes, and a handler's
//! arguments say what it asks for:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use keyward::axum::{ApiKeyAuth, RequireScope};
//! use keyward::dialect::Dialect;
//! use keyward::key::Grant;
//! use keyward::manage::{KeyManager, NewKey, Reach};
//! use keyward::scoped;
//! use keyward::store::MemoryStore;
//! use keyward::verify::Verifier;
//! use tower::ServiceExt;
//!
//! #[scoped]
//! async fn list_projects(key: RequireScope<"projects-read">) -> String {
//!     format!("the projects of {}", key.workspace())
//! }
//!
//! // A clone shares the keys and what is known of their changes: give one to each side.
//! let store = MemoryStore::new();
//! let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await?;
//! let verifier = Verifier::builder(Dialect::standard(), store).build()?;
//! let app = Router::new()
//!     .route("/projects", get(list_projects))
//!     .layer(ApiKeyAuth::new(verifier.clone()));
//!
//! let reader = NewKey::new("acme", "reads").with_grant(Grant::Only("projects-read".parse()?));
//! let reader = manager.create(reader).await?;
//! let writer = NewKey::new("acme", "writes").with_grant(Grant::Only("projects-write".parse()?));
//! let writer = manager.create(writer).await?;
//! let send = async |key: &str| {
//!     let request = Request::get("/projects").header("authorization", format!("Bearer {key}"));
//!     let response = app.clone().oneshot(request.body(Body::empty())?).await?;
//!     Ok::<_, Box<dyn std::error::Error>>(response.status().as_u16())
//! };
//! assert_eq!(send(reader.key.expose()).await?, 200);
//! assert_eq!(send(writer.key.expose()).await?, 403); // a good key without the scope
//! assert_eq!(send("kw_live_guess").await?, 401);
//!
//! // When this returns, the next request is refused.
//! manager.revoke(&reader.record.id, Reach::Key).await?;
//! assert_eq!(send(reader.key.expose()).await?, 401);
//!
//! // Ends the tasks that ask the store.
//! verifier.shutdown().await;
//! # Ok(()) }
//! ```
//!
//! This is also how a handler is tested: with the real layer, over a
//! [`MemoryStore`](store::MemoryStore).
//!
//! # Where to go on
//!
//! - [`axum`]: the layer and the extractors: `ApiKey`, `RequireScope`, `RequireResource`,
//!   `RequireLimit`, `PerEnvironment`, `MaybeApiKey`, `Caller`. [`tower`]: the layer for stacks without extractors.
//!   With the feature `actix`, `keyward::actix`: the same names for actix-web.
//! - [`scoped`]: scopes as types, and a catalogue that makes a misspelled one a compile error.
//! - [`manage`]: create, list, update, rotate, revoke, reactivate, delete.
//! - [`audit`]: who did what to which key.
//! - [`store`]: `SqliteStore`, `PostgresStore`, `open` for whichever a URL names, and
//!   [`KeyLookup`](store::KeyLookup), the one method for a table of keys that exists already.
//! - [`verify`]: how long a cached key is trusted, and why a request is refused.
//! - [`limit`]: how many requests a minute a key may send, and what responses say of that.
//! - [`peer`]: where a request comes from, and which proxies may say so.
//! - [`usage`]: when a key was last used, and how often, hour by hour.
//! - [`telemetry`]: log lines and metrics.
//! - [`dialect`]: a dialect of one's own, from a file or the builder.
//!
//! # Features
//!
//! | feature | | brings |
//! |---|---|---|
//! | `axum` | default | the layer and the extractors for axum; implies `tower` |
//! | `actix` | | the same layer and extractors for actix-web; with `tower`, `actix::mount` |
//! | `sqlite` | default | `SqliteStore`, with SQLite built in |
//! | `postgres` | | `PostgresStore`, with TLS |
//! | `tower` | | the layer alone |
//! | `tonic` | | the layer around tonic's services, its refusals as statuses; implies `tower` |
//! | `admin` | | the management API as a service: `admin`; implies `tower` |
//! | `dashboard` | | pages on which people manage keys: `admin::Dashboard`; implies `admin` |
//! | `jwt` | | people with a JWT beside keys: `admin::jwt`; implies `admin` |
//! | `prometheus` | | the metrics of the process as a service: `admin::Metrics`; implies `admin` |
//! | `redis` | | over Redis, changes told to other processes and requests counted with them: `redis` |
//! | `testkit` | | the suite that every store runs, and a clock that tests set |

pub use keyward_core::{
    ConfigError, audit, clock, dialect, key, limit, manage, peer, telemetry, usage, verify,
};
#[cfg(feature = "testkit")]
pub use keyward_core::{key_store_conformance, testkit};
pub use keyward_macros::{Scope, scope, scoped};

/// Where keys live.
pub mod store {
    pub use keyward_core::store::*;
    #[cfg(feature = "postgres")]
    pub use keyward_sqlx::PostgresStore;
    #[cfg(feature = "sqlite")]
    pub use keyward_sqlx::SqliteStore;
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub use keyward_sqlx::open;
}

/// The layer and the extractors for actix-web; `keyward::axum` has those of the same names for axum.
///
/// An extractor of the other framework does not compile, and rustc names the one that it found:
/// *the trait bound `keyward::axum::ApiKey: FromRequest` is not satisfied*.
#[cfg(feature = "actix")]
pub mod actix {
    #[doc(inline)]
    pub use keyward_actix::*;
}

#[cfg(feature = "admin")]
pub use keyward_admin as admin;
#[cfg(feature = "redis")]
pub use keyward_redis as redis;

/// The layer and the extractors for axum; with the feature `actix`, `keyward::actix` has those of the
/// same names for actix-web.
///
/// An extractor of the other framework does not compile, and rustc names the one that it found: *the
/// trait bound `fn(keyward::actix::ApiKey) -> … {who}: Handler<_, _>` is not satisfied*. Nor does
/// `Option<ApiKey>`, which would make a stranger of whoever has a bad key:
///
/// ```compile_fail,E0277
/// use axum::{Router, routing::get};
/// use keyward::axum::ApiKey;
///
/// async fn greet(_: Option<ApiKey>) {} // write MaybeApiKey
/// let app: Router = Router::new().route("/", get(greet));
/// ```
#[cfg(feature = "axum")]
pub mod axum {
    #[doc(inline)]
    pub use keyward_tower::axum::*;
}

/// The layer for tower stacks without extractors, such as plain hyper, and with the feature `tonic`
/// for gRPC.
#[cfg(feature = "tower")]
pub mod tower {
    #[doc(inline)]
    pub use keyward_tower::*;
}

/// What the macros name; no part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use keyward_core::key::{Catalogue, Str, assert_declared};
}
