//! Where it is mounted.

use actix_web::{App, HttpServer, web};
use keyward::actix::mount;
use keyward::dialect::Dialect;
use keyward::key::Creator;
use keyward_admin::{Admin, Dashboard};
use keyward_tests::Keys;

use crate::stage::Stage;

#[tokio::test]
async fn it_answers_at_the_path_that_it_is_given() {
    let stage = Stage::with(Dialect::bigspin(), |manager, _| {
        let guard =
            |_: &axum::http::request::Parts| Some(Admin::new(Creator::Person("ada".to_owned())));
        Dashboard::behind(manager, guard).with_path("/admin/keys").unwrap()
    })
    .await;
    let page = stage.stranger().page("/admin/keys").await;
    assert!(page.contains("href=\"/admin/keys/new\"") && !page.contains("/dashboard"));
    assert_eq!(stage.stranger().get("/admin/keys/").await.status, 200);
    assert_eq!(stage.stranger().get("/dashboard").await.status, 404);
    let keys = Keys::of(Dialect::bigspin()).await;
    for bad in ["", "/", "keys", "/keys/", "/a//b", "/a b", "/ü"] {
        let dashboard = Dashboard::behind(keys.manager.clone(), |_| None);
        assert!(dashboard.with_path(bad).is_err(), "{bad}");
    }
}

#[actix_web::test]
async fn it_is_served_by_actix_web_too() {
    let keys = Keys::of(Dialect::bigspin()).await;
    let guard =
        |_: &axum::http::request::Parts| Some(Admin::new(Creator::Person("ada".to_owned())));
    let dashboard = Dashboard::behind(keys.manager, guard);
    let server = HttpServer::new(move || {
        let dashboard = mount(dashboard.path(), dashboard.clone());
        App::new().service(dashboard).default_service(web::to(async || "elsewhere"))
    });
    let server = server.workers(1).bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    let running = server.run();
    let handle = running.handle();
    let task = actix_web::rt::spawn(running);
    let client = keyward_tests::Client::new(base);
    let page = client.get_without_key("/dashboard").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("There are no keys yet"));
    let elsewhere = client.get_without_key("/dashboards").await;
    assert_eq!(elsewhere.body, "elsewhere");
    handle.stop(true).await;
    task.await.unwrap().unwrap();
}
