mod usual;
mod with_keyward;

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};

use crate::{ANSWER, Auth, Result, Setting};

/// Adds the route to an application.
type Routes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

pub(crate) async fn serve(setting: Setting) -> Result<()> {
    let routes: Routes = match setting.auth {
        Auth::Bare => Arc::new(|app| {
            app.service(web::resource("/projects").get(async || answer()));
        }),
        Auth::Usual | Auth::Hex => usual::routes(setting.usual()),
        Auth::Expert => return Err("an expert's middleware is there for axum alone".into()),
        Auth::Layer | Auth::Service | Auth::Limited => {
            with_keyward::layer(setting.verifier().await?)
        }
        Auth::Keyward | Auth::Bigspin => with_keyward::routes(setting.verifier().await?),
    };
    let server = HttpServer::new(move || App::new().configure(&*routes));
    Ok(server.workers(setting.workers).listen(setting.listener)?.run().await?)
}

/// What every handler answers.
fn answer() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(ANSWER)
}
