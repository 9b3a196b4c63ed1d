use actix_web::App;
use actix_web::dev::Service;
use actix_web::web::{Bytes, get, post};
use keyward::actix::{ApiKey, ApiKeyAuth};

use crate::server::Server;
use crate::stage::Stage;
use crate::waves::Serving;

pub(crate) fn serve(stage: Stage) -> Serving<Server> {
    let Stage { verifier, handlers, requests, .. } = stage;
    let auth = ApiKeyAuth::new(verifier);
    let server = Server::start(move || {
        let (handlers, requests) = (handlers.clone(), requests.clone());
        let wait = move |_: ApiKey| {
            let handlers = handlers.clone();
            async move {
                handlers.pass().await;
                "done"
            }
        };
        let upload = async |_: ApiKey, _: Bytes| "done";
        App::new()
            .route("/wait", get().to(wait))
            .route("/upload", post().to(upload))
            .wrap(auth.clone())
            .wrap_fn(move |request, service| {
                let live = requests.one_more();
                let answered = service.call(request);
                async move {
                    let answer = answered.await;
                    drop(live);
                    answer
                }
            })
    });
    Serving { address: server.address, server }
}
