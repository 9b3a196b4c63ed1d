//! One table of requests, asked of the same application on axum, on plain tower over hyper and on
//! actix-web, in every dialect: whoever asks cannot tell which of them it is.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod application;
mod compare;
mod on_actix;
mod on_axum;
mod on_hyper;
mod request;
#[path = "../actix/server.rs"]
#[expect(dead_code, reason = "clients are made from its address")]
mod server;
mod sessions;
mod stage;
mod table;
mod upload;
mod wire;

use std::collections::HashSet;

use api::{Api, Bigspin, OnePin, ScribeSight, Standard, Systemprompt};
use application::Setup;
use compare::Seen;
use stage::{Servers, Stage};
use table::Row;
use wire::Version;

#[tokio::test]
async fn adapters_answer_byte_for_byte_alike_in_standard() {
    assert_alike::<Standard>().await;
}

#[tokio::test]
async fn adapters_answer_byte_for_byte_alike_as_bigspin() {
    assert_alike::<Bigspin>().await;
}

#[tokio::test]
async fn adapters_answer_byte_for_byte_alike_as_scribe_sight() {
    assert_alike::<ScribeSight>().await;
}

#[tokio::test]
async fn adapters_answer_byte_for_byte_alike_as_onepin() {
    assert_alike::<OnePin>().await;
}

#[tokio::test]
async fn adapters_answer_byte_for_byte_alike_as_systemprompt() {
    assert_alike::<Systemprompt>().await;
}

#[test]
fn the_table_has_at_least_eighty_requests() {
    let rows = table::all();
    let names: HashSet<&str> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), rows.len(), "each has a name of its own");
    assert!(rows.len() >= 80, "only {}", rows.len());
    for api in [
        |row: &Row| row.is_for::<Standard>(),
        |row: &Row| row.is_for::<Bigspin>(),
        |row: &Row| row.is_for::<ScribeSight>(),
        |row: &Row| row.is_for::<OnePin>(),
        |row: &Row| row.is_for::<Systemprompt>(),
    ] {
        let asked = rows.iter().filter(|row| api(row)).count();
        assert!(asked >= 80, "only {asked} of them in one dialect");
    }
}

/// Asks each row twice: where the store was asked the first time, the cache is the second.
async fn assert_alike<A: Api>() {
    let stage = Stage::of::<A>().await;
    let rows = table::all();
    let mut differences = Vec::new();
    for setup in Setup::ALL {
        let servers = stage.serve::<A>(setup).await;
        let rows = || rows.iter().filter(|row| row.setup == setup && row.is_for::<A>());
        for row in rows().chain(rows()) {
            for version in Version::of(row) {
                if row.is_in_a_minute_of_its_own {
                    stage.next_minute();
                }
                let found = differences_of::<A>(row, *version, &servers, &stage).await;
                differences.extend(found);
            }
        }
    }
    differences.sort();
    differences.dedup();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

async fn differences_of<A: Api>(
    row: &Row,
    version: Version,
    servers: &Servers,
    stage: &Stage,
) -> Vec<String> {
    let dialect = A::dialect();
    let mut differences = Vec::new();
    let mut say = |request, adapters: &str, what: String| {
        let place = format!("{}, {version:?}, {}", row.name, dialect.name());
        differences.push(format!("[{place}, request {request}, {adapters}] {what}"));
    };
    let mut asked = Vec::new();
    for server in &servers.listening {
        match wire::ask(server, version, row, stage).await {
            Some(answers) => asked.push((server.adapter, answers)),
            None => say(0, server.adapter, "not all answers came".to_owned()),
        }
    }
    for (place, step) in row.steps.iter().enumerate() {
        let mut first: Option<(&str, Seen)> = None;
        for (adapter, answers) in &asked {
            let answer = &answers[place];
            let seen = match Seen::of::<A>(answer, step) {
                Ok(seen) => seen,
                Err(what) => {
                    say(place + 1, adapter, format!("{what}: {answer:?}"));
                    continue;
                }
            };
            if let Err(what) = seen.check::<A>(step) {
                say(place + 1, adapter, what);
            }
            let Some((other, expected)) = &first else {
                first = Some((adapter, seen));
                continue;
            };
            if let Err(diff) = expected.compare(&seen) {
                say(place + 1, &format!("{other} (-) and {adapter} (+)"), diff);
            }
        }
    }
    differences
}
