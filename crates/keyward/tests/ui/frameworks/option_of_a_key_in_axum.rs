use axum::{Router, routing::get};
use keyward::axum::ApiKey;

async fn greet(_: Option<ApiKey>) -> &'static str {
    "hello"
}

fn main() {
    let _: Router = Router::new().route("/", get(greet));
}
