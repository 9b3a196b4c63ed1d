mod expert;
mod usual;
mod with_keyward;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::{ANSWER, Auth, Result, Setting};

pub(crate) async fn serve(setting: Setting) -> Result<()> {
    let app = match setting.auth {
        Auth::Bare => Router::new().route("/projects", get(async || answer())),
        Auth::Usual | Auth::Hex => usual::app(setting.usual()),
        Auth::Expert => expert::app(&setting.keys),
        Auth::Layer | Auth::Service | Auth::Limited => {
            with_keyward::layer(setting.verifier().await?)
        }
        Auth::Keyward | Auth::Bigspin => with_keyward::app(setting.verifier().await?),
    };
    let listener = TcpListener::from_std(setting.listener)?;
    Ok(axum::serve(listener, app).await?)
}

/// What every handler answers.
fn answer() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], ANSWER)
}
