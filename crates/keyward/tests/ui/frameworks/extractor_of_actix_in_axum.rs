use axum::{Router, routing::get};
use keyward::actix::ApiKey;

async fn who(key: ApiKey) -> String {
    key.workspace().to_owned()
}

fn main() {
    let _: Router = Router::new().route("/", get(who));
}
