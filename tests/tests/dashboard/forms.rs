//! Forms and addresses that nobody's browser sends.

use keyward::dialect::Dialect;
use reqwest::Method;

use crate::stage::{Person, Stage, seal};

const REQUESTS: usize = 4_000;
const SEED: u64 = 0x6b65_7977_6172_6421;

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_fuzzed_forms_and_addresses_are_answered_and_none_with_a_500() {
    println!("seed {SEED:#x}");
    let mut random = fastrand::Rng::with_seed(SEED);
    for dialect in [Dialect::bigspin(), Dialect::scribe_sight(), Dialect::standard()] {
        let stage = Stage::guarded(dialect).await;
        let ada = stage.person("ada", None);
        let mut token = seal(&ada.page("/dashboard/new").await).to_owned();
        for number in 0..REQUESTS / 3 {
            if number % 50 == 0 {
                token = seal(&ada.page("/dashboard/new").await).to_owned();
            }
            let id = stage.key("acme", "a key").await.record.id;
            let (method, path, body) = request(&mut random, id.as_str(), &token);
            let answer = ada.ask(method, &path, body.clone()).await;
            let known = [200, 303, 400, 403, 404, 405, 409, 413, 415, 422, 431];
            assert!(known.contains(&answer.status), "{} {path} {body:?}", answer.status);
        }
        lives(&ada).await;
    }
}

async fn lives(ada: &Person) {
    assert_eq!(ada.get("/dashboard").await.status, 200);
}

fn request(random: &mut fastrand::Rng, id: &str, token: &str) -> (Method, String, Option<String>) {
    const NAMES: [&str; 16] = [
        "name",
        "description",
        "workspace",
        "kind",
        "access",
        "scope",
        "reach",
        "resources",
        "expires",
        "date",
        "limit",
        "version",
        "grace",
        "after",
        "status",
        "sort",
    ];
    const VALUES: [&str; 22] = [
        "",
        "all",
        "only",
        "keep",
        "date",
        "never",
        "30",
        "-1",
        "0",
        "99999999999999999999",
        "2026-02-30",
        "9999-12-31",
        "a key",
        "\0",
        "<script>",
        "publishable",
        "secret",
        "live",
        "projects-read",
        "%",
        "1.8f.x",
        "descendants",
    ];
    let text = |random: &mut fastrand::Rng| match random.u8(..4) {
        0 => (0..random.usize(..300)).map(|_| random.char(..)).collect(),
        1 => "x".repeat(random.usize(..3_000)),
        _ => VALUES[random.usize(..VALUES.len())].to_owned(),
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    for _ in 0..random.usize(..12) {
        let name =
            if random.u8(..8) == 0 { text(random) } else { NAMES[random.usize(..16)].to_owned() };
        let value = text(random);
        form.append_pair(&name, &value);
    }
    let act = ["", "/edit", "/rotate", "/revoke", "/reactivate", "/delete", "/secret", "/x"];
    let path = match random.u8(..6) {
        0 => "/dashboard".to_owned(),
        1 => "/dashboard/new".to_owned(),
        2 => {
            let text = text(random);
            let text: String = form_urlencoded::byte_serialize(text.as_bytes()).take(400).collect();
            format!("/dashboard/keys/{text}")
        }
        _ => format!("/dashboard/keys/{id}{}", act[random.usize(..act.len())]),
    };
    if random.u8(..3) == 0 {
        return (Method::GET, format!("{path}?{}", form.finish()), None);
    }
    if random.u8(..10) > 0 {
        form.append_pair("seal", token);
    }
    let mut body = form.finish();
    if random.u8(..10) == 0 {
        body = (0..random.usize(..200)).map(|_| random.alphanumeric()).collect();
    }
    (Method::POST, path, Some(body))
}
