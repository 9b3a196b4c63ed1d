use axum::Router;
use axum::body::Bytes;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use keyward::axum::{ApiKey, ApiKeyAuth};
use keyward_tests::Server;

use crate::stage::Stage;
use crate::waves::Serving;

pub(crate) async fn serve(stage: Stage) -> Serving<Server> {
    let Stage { verifier, handlers, requests, .. } = stage;
    let count = from_fn(move |request, next: axum::middleware::Next| {
        let live = requests.one_more();
        async move {
            let response = next.run(request).await;
            drop(live);
            response
        }
    });
    let wait = async move |_: ApiKey| handlers.pass().await;
    let router = Router::new()
        .route("/wait", get(wait))
        .route("/upload", post(async |_: ApiKey, _: Bytes| ()))
        .layer(ApiKeyAuth::new(verifier))
        .layer(count);
    let server = Server::start(router).await;
    Serving { address: server.address, server }
}
