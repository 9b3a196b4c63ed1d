//! `keyward serve`: what keyward does, over HTTP, for services in any language and for gateways.
//!
//! - `/auth` and what is below it: lets a gateway's requests through, or says why not; open to whoever
//!   reaches it, as the API itself is.
//! - `/verify` and `/introspect`: say whose a key is; for operators.
//! - The dialect's management API, for operators; `/metrics` too.
//! - `/dashboard`: pages for operators, to which `/` leads.
//! - `/healthz` and `/readyz`, for whoever comes.

mod auth;
mod dashboard;
mod health;
mod identity;
mod introspect;
mod keys;
mod management;
mod nginx;
mod operators;
mod options;
mod problem;
mod refusal;
mod router;
mod server;
mod verdict;
mod verify;
mod welcome;

use self::keys::Keys;
use keyward::admin::Metrics;

pub(crate) use self::options::Serve;
use crate::dialect;
use crate::failure::Result;

impl Serve {
    pub(crate) async fn run(self) -> Result<()> {
        let options = self.with_file()?;
        // Before any key is made: a port that is taken must not cost the one look at a secret.
        let listener = server::bind(&options.listen).await?;
        // Before there is anything to count.
        let metrics = Metrics::install()?;
        let named = options.dialect.as_deref().map(dialect::open).transpose()?;
        let keys = Keys::open(&options.store, named, &options).await?;
        let operators = operators::open(&options).await?;
        welcome::greet(&operators, keys.manager.dialect(), server::address(&listener)?).await?;
        let router = router::router(&keys, &operators, metrics, &options)?;
        let done = server::serve(listener, router).await;
        operators.close().await;
        keys.close().await;
        done
    }
}
