//! Keys of the sandbox and live ones, and workspaces: nobody sees what the others have.

use keyward_tests::forms::assert_json;
use keyward_tests::systemprompt::assert_not_found;
use reqwest::Method;
use serde_json::json;

use crate::{RESOURCES, operator, start};

#[tokio::test]
async fn the_sandbox_and_what_is_live_are_apart_in_both_directions() {
    let system = start().await;
    let operator = operator(&system);
    let changed = json!({"name": "Changed"});
    for things in RESOURCES {
        let list = format!("/{things}");
        let read_and_write = format!("{things}:read,{things}:write");
        let scope = ["--name", "another", "--scope", &read_and_write];
        let mut items = vec![];
        for label in ["live", "test"] {
            let created = system.post(label, &list, &json!({"name": label})).await;
            let id = assert_json(&created, 201)["id"].as_str().unwrap().to_owned();
            items.push((label, format!("{list}/{id}"), created.body));
        }
        let pages = items.iter().map(|(_, _, item)| {
            format!(r#"{{"items":[{item}],"total":1,"page":1,"per_page":20}}"#)
        });
        let pages: Vec<String> = pages.collect();

        for (here, there) in [(0, 1), (1, 0)] {
            let (label, one, item) = &items[here];
            for (method, body) in [
                (Method::GET, None),
                (Method::PUT, Some(&changed)),
                (Method::PATCH, Some(&changed)),
                (Method::DELETE, None),
            ] {
                let answer = system.ask(items[there].0, method, one, body).await;
                assert_not_found(&answer);
            }
            assert_eq!(system.get(label, one).await.body, *item, "as it was");
            assert_eq!(system.get(label, &list).await.body, pages[here]);

            // It is the key's kind that decides, not the key.
            let (_, another) = operator.create(&[&scope[..], &["--kind", label]].concat()).await;
            assert!(another.starts_with(&format!("sp_{label}_")));
            assert_eq!(system.client.get(one, &another).await.body, *item);
            assert_eq!(system.client.get(&list, &another).await.body, pages[here]);
            assert_eq!(system.client.get(&items[there].1, &another).await.status, 404);
        }
    }
}

#[tokio::test]
async fn what_another_workspace_has_does_not_exist() {
    let system = start().await;
    let scope = ["--scope", "skills:read,skills:write"];
    let create = ["create", "--workspace", "globex", "--name", "theirs"];
    let created = operator(&system).keys(&[&create, &scope[..]].concat()).await;
    let theirs = created["key"].as_str().unwrap();
    let item = system.post("live", "/skills", &json!({"name": "Ours"})).await;
    let one = format!("/skills/{}", item.json()["id"].as_str().unwrap());
    let changed = json!({"name": "Changed"});
    for (method, body) in [
        (Method::GET, None),
        (Method::PUT, Some(&changed)),
        (Method::PATCH, Some(&changed)),
        (Method::DELETE, None),
    ] {
        let request = system.client.request(method, &one).bearer_auth(theirs);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        assert_not_found(&system.client.send(request).await);
    }
    let empty = r#"{"items":[],"total":0,"page":1,"per_page":20}"#;
    assert_eq!(system.client.get("/skills", theirs).await.body, empty);
    assert_eq!(system.get("live", &one).await.body, item.body, "as it was");
}
