use actix_web::{App, web};
use keyward::axum::ApiKey;

async fn who(key: ApiKey) -> String {
    key.workspace().to_owned()
}

fn main() {
    let _ = App::new().route("/", web::get().to(who));
}
