//! A secret is on one page, once, and nowhere else.

use std::collections::BTreeSet;

use keyward::dialect::Dialect;
use keyward::key::KeyDigest;

use crate::stage::{Stage, between};

#[tokio::test]
async fn no_page_but_the_one_has_a_secret_or_a_digest() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let operator = stage.operator_key().await.key;
    let answer = stage.stranger().sign_in(&operator).await;
    let cookie = crate::stage::cookie_of(&answer).to_owned();
    let ada = stage.stranger().with("cookie", &cookie);
    let mut secrets: Vec<String> = Vec::new();
    for name in ["one", "two", "three"] {
        secrets.push(stage.key("acme", name).await.key.expose().to_owned());
    }
    let shown = ada.create(&[("name", "made here"), ("workspace", "acme")]).await;
    let page = ada.page(&shown).await;
    secrets.push(between(&page, "readonly value=\"", "\"").unwrap().to_owned());
    secrets.push(operator.expose().to_owned());
    let digests = secrets.iter().flat_map(|secret| {
        let digest = KeyDigest::sha256(secret.as_bytes());
        let hex = hex::encode(digest.as_bytes());
        [hex.to_uppercase(), hex]
    });
    let session = cookie.split_once('=').unwrap().1.to_owned();
    let hidden: Vec<String> = secrets.iter().cloned().chain(digests).chain([session]).collect();

    let (mut seen, mut open) = (BTreeSet::new(), vec!["/dashboard".to_owned(), shown]);
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = ada.get(&path).await;
        for secret in &hidden {
            assert!(!answer.body.contains(secret.as_str()), "{path}");
            assert!(!format!("{:?}", answer.headers).contains(secret.as_str()), "{path}");
        }
        let links = answer.body.split("href=\"").skip(1).chain(answer.body.split("src=\"").skip(1));
        let links = links.filter_map(|rest| rest.split('"').next());
        open.extend(
            links
                .filter(|link| link.starts_with("/dashboard"))
                .map(|link| link.replace("&#38;", "&")),
        );
    }
    assert!(seen.len() > 25, "the crawl saw {} pages", seen.len());
}
