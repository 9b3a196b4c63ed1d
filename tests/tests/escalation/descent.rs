//! Keys that keys made, and those that they made.

use axum::Router;
use keyward::dialect::Dialect;
use keyward::key::{KeyId, Resources};
use keyward::manage::{KeyUpdate, NewKey, Reach, Rotate};
use keyward_admin::{KeyAdmin, KeyGuard};
use keyward_tests::scribe_sight::{OUT_OF_REACH, UNAUTHENTICATED, assert_refused};
use keyward_tests::{Answer, Client, Keys, Server};
use reqwest::Method;
use serde_json::{Value, json};

const KEYS: &str = "/api/v1/api-keys";

struct Service {
    keys: Keys,
    client: Client,
    _server: Server,
}

struct Made {
    id: KeyId,
    key: String,
}

impl Service {
    async fn start() -> Self {
        let keys = Keys::of(Dialect::scribe_sight()).await;
        let admin: Router = KeyAdmin::new(keys.manager.clone(), KeyGuard).unwrap().routes();
        let server = Server::start(admin.layer(keys.auth())).await;
        Self { keys, client: server.client(), _server: server }
    }

    /// A key of these projects, made by nobody.
    async fn first(&self, projects: &[&str]) -> Made {
        let projects = projects.iter().map(|id| (*id).to_owned()).collect();
        let new = NewKey::new("acme", "first").with_resources(Resources::Only(projects));
        let issued = self.keys.manager.create(new).await.unwrap();
        Made { id: issued.record.id, key: issued.key.expose().to_owned() }
    }

    async fn ask(&self, by: &Made, projects: Value) -> Answer {
        let body = json!({"name": "a child", "project_ids": projects});
        self.client.post(KEYS, &by.key, &body).await
    }

    async fn child(&self, by: &Made, projects: Value) -> Made {
        let answer = self.ask(by, projects).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let made = &answer.json()["data"];
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        Made { id: KeyId::new(text("id")), key: text("key") }
    }

    async fn status(&self, key: &Made) -> u16 {
        self.client.get(KEYS, &key.key).await.status
    }
}

#[tokio::test]
async fn what_was_given_away_on_the_way_does_not_come_back() {
    let service = Service::start().await;
    let all = ["p1", "p2", "p3", "p4", "p5"];
    let mut key = service.first(&all).await;
    for left in (1..all.len()).rev() {
        key = service.child(&key, json!(all[..left])).await;
        for more in [json!(all), json!(all[..=left]), json!([all[left]]), json!(null)] {
            assert_refused(&service.ask(&key, more).await, 403, OUT_OF_REACH);
        }
    }
    assert_eq!(service.status(&key).await, 200);
}

#[tokio::test]
async fn descendants_end_with_the_key_they_came_from() {
    let service = Service::start().await;
    let first = service.first(&["p1"]).await;
    let mut descent = Vec::new();
    let mut parent = &first;
    for _ in 0..4 {
        descent.push(service.child(parent, json!(["p1"])).await);
        parent = &descent[descent.len() - 1];
    }
    let manager = &service.keys.manager;
    // One that was rotated goes on in its successor.
    let rotation = manager.rotate(&descent[1].id, Rotate::now()).await.unwrap();
    let secret = rotation.key.unwrap().expose().to_owned();
    let successor = Made { id: rotation.new.id, key: secret };
    let stranger = service.first(&["p1"]).await;
    assert_eq!(service.status(&successor).await, 200);

    manager.revoke(&first.id, Reach::Descendants).await.unwrap();
    for key in descent.iter().chain([&first, &successor]) {
        let answer = service.client.get(KEYS, &key.key).await;
        assert_refused(&answer, 401, UNAUTHENTICATED);
        assert_refused(&service.ask(key, json!(["p1"])).await, 401, UNAUTHENTICATED);
    }
    assert_eq!(service.status(&stranger).await, 200);
}

#[tokio::test]
async fn a_key_whose_maker_ended_alone_goes_on_with_what_it_has() {
    let service = Service::start().await;
    let first = service.first(&["p1", "p2"]).await;
    let child = service.child(&first, json!(["p1"])).await;
    service.keys.manager.revoke(&first.id, Reach::Key).await.unwrap();
    assert_eq!(service.status(&first).await, 401);
    assert_eq!(service.status(&child).await, 200);
    assert_refused(&service.ask(&child, json!(["p2"])).await, 403, OUT_OF_REACH);
    service.child(&child, json!(["p1"])).await;
}

#[tokio::test]
async fn a_maker_that_was_narrowed_touches_no_child_that_has_more() {
    let service = Service::start().await;
    let first = service.first(&["p1", "p2"]).await;
    let (bigger, equal) = (
        service.child(&first, json!(["p1", "p2"])).await,
        service.child(&first, json!(["p1"])).await,
    );
    let less = KeyUpdate::new().with_resources(Resources::Only(vec!["p1".to_owned()]));
    service.keys.manager.update(&first.id, less).await.unwrap();

    let revoke = async |key: &Made| {
        let path = format!("{KEYS}/{}", key.id);
        let request = service.client.request(Method::DELETE, &path).bearer_auth(&first.key);
        service.client.send(request).await
    };
    assert_refused(&service.ask(&first, json!(["p2"])).await, 403, OUT_OF_REACH);
    assert_refused(&revoke(&bigger).await, 403, OUT_OF_REACH);
    assert_eq!(service.status(&bigger).await, 200);
    assert_eq!(revoke(&equal).await.status, 204);
    assert_eq!(service.status(&equal).await, 401);
}
