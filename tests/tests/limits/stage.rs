use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, web};
use axum::Router;
use axum::routing::get;
use keyward::clock::{TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyId, PlainKey};
use keyward::manage::{KeyManager, NewKey};
use keyward::store::MemoryStore;
use keyward::verify::Verifier;
use keyward::{actix, axum as keyward_axum, scoped};
use keyward_tests::{Client, Server};

use crate::server;

/// When the clock begins, in seconds since 1970.
pub(crate) const BEGIN: u64 = 1_800_000_000;

/// Keys under a clock that a test moves.
pub(crate) struct Stage {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: MemoryStore,
    pub(crate) manager: KeyManager,
    pub(crate) verifier: Verifier,
}

/// One API on either framework. It ends when this is dropped.
pub(crate) enum Serving {
    Axum(Server),
    Actix(server::Server),
}

impl Stage {
    pub(crate) async fn of(dialect: Dialect) -> Self {
        let store = MemoryStore::new();
        let millis = i64::try_from(BEGIN * 1000).unwrap();
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(millis)));
        let manager =
            KeyManager::builder(dialect.clone(), store.clone())
                .with_clock(Arc::<TestClock>::clone(&clock));
        let verifier = Verifier::builder(dialect, store.clone())
            .with_max_staleness(Duration::from_hours(1))
            .with_clock(Arc::<TestClock>::clone(&clock));
        let (manager, verifier) = (manager.open().await.unwrap(), verifier.build().unwrap());
        Self { clock, store, manager, verifier }
    }

    /// A key with every scope, of so many requests a minute.
    pub(crate) async fn key(&self, requests: u32) -> (KeyId, PlainKey) {
        let limit = NonZeroU32::new(requests).unwrap();
        let new = NewKey::new("acme", "limited").with_rate_limit_per_min(limit);
        let issued = self.manager.create(new.with_grant(Grant::All)).await.unwrap();
        (issued.record.id, issued.key)
    }

    /// The API, twice. Both count together, since they have one verifier.
    pub(crate) async fn serve(&self) -> [Serving; 2] {
        let router = Router::new()
            .route("/", get(async |_: keyward_axum::ApiKey| ()))
            .route("/read", get(on_axum::read))
            .route("/uploads", get(on_axum::upload))
            .route("/unknown", get(on_axum::unknown))
            .route("/own", get(async || [("ratelimit", "mine"), ("x-ratelimit-limit", "mine")]))
            .layer(keyward_axum::ApiKeyAuth::new(self.verifier.clone()));
        let auth = actix::ApiKeyAuth::new(self.verifier.clone());
        let actix = server::Server::start(move || {
            App::new()
                .wrap(auth.clone())
                .route("/", web::get().to(async |_: actix::ApiKey| ""))
                .route("/read", web::get().to(on_actix::read))
                .route("/uploads", web::get().to(on_actix::upload))
                .route("/unknown", web::get().to(on_actix::unknown))
                .route("/own", web::get().to(on_actix::own))
        });
        [Serving::Axum(Server::start(router).await), Serving::Actix(actix)]
    }
}

impl Serving {
    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Axum(server) => server.address,
            Self::Actix(server) => server.address,
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(format!("http://{}", self.address()))
    }
}

mod on_axum {
    use keyward::axum::{RequireLimit, RequireScope};

    #[super::scoped]
    pub(super) async fn read(_: RequireScope<"read">) {}

    #[super::scoped]
    pub(super) async fn upload(_: RequireLimit<"uploads">, _: RequireLimit<"uploads">) {}

    #[super::scoped]
    pub(super) async fn unknown(_: RequireLimit<"downloads">) {}
}

mod on_actix {
    use actix_web::HttpResponse;
    use keyward::actix::{RequireLimit, RequireScope};

    #[super::scoped]
    pub(super) async fn read(_: RequireScope<"read">) -> &'static str {
        ""
    }

    #[super::scoped]
    pub(super) async fn upload(
        _: RequireLimit<"uploads">,
        _: RequireLimit<"uploads">,
    ) -> &'static str {
        ""
    }

    #[super::scoped]
    pub(super) async fn unknown(_: RequireLimit<"downloads">) -> &'static str {
        ""
    }

    pub(super) async fn own() -> HttpResponse {
        HttpResponse::Ok()
            .insert_header(("ratelimit", "mine"))
            .insert_header(("x-ratelimit-limit", "mine"))
            .finish()
    }
}
