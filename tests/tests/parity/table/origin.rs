//! Where requests come from: this machine, unless a proxy that is trusted says otherwise.

use super::{Row, row};
use crate::api::Why::{Invalid, Limited, Missing, Network};
use crate::application::Setup;
use crate::request::{Request, get, head};
use crate::table::Says;

const ACME: &str = "acme";
const OFFICE: &str = "authorization: Bearer {office}";
const LOCAL: &str = "authorization: Bearer {local}";
const FULL: &str = "authorization: Bearer {full}";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = plain();
    rows.extend(behind_one_proxy());
    rows.extend(behind_proxies());
    rows.extend(attempts());
    rows
}

/// From the office, it is said.
fn office(lines: &[&'static str]) -> Request {
    lines.iter().fold(get("/key").with(OFFICE), |request, line| request.with(line))
}

fn plain() -> Vec<Row> {
    vec![
        row("a key that works from here").ask(get("/key").with(LOCAL), 200, ACME),
        row("a key that works from elsewhere").ask(office(&[]), 403, Network).ask(
            head("/key").with(OFFICE),
            403,
            Says::Nothing,
        ),
        row("a key that works from elsewhere, where anybody may come").ask(
            get("/anybody").with(OFFICE),
            403,
            Network,
        ),
        row("a key that works from elsewhere, and a header that a client made up")
            .ask(office(&["x-forwarded-for: 203.0.113.7"]), 403, Network)
            .ask(office(&["x-forwarded-for: 203.0.113.7", "x-real-ip: 203.0.113.7"]), 403, Network)
            .ask(office(&["forwarded: for=203.0.113.7"]), 403, Network)
            .ask(get("/key").with(LOCAL).with("x-forwarded-for: 203.0.113.7"), 200, ACME),
    ]
}

fn behind_one_proxy() -> Vec<Row> {
    let row = |name| row(name).on(Setup::BehindProxy);
    vec![
        row("a proxy that says where a request comes from")
            .ask(office(&["x-forwarded-for: 203.0.113.7"]), 200, ACME)
            .ask(office(&["X-Forwarded-For: [2001:db8::7]:443"]), 200, ACME)
            .ask(office(&["x-forwarded-for: ::ffff:203.0.113.7"]), 200, ACME)
            .ask(office(&["x-forwarded-for: 198.51.100.9"]), 403, Network),
        row("a proxy that says nothing").ask(office(&[]), 403, Network).ask(
            get("/key").with(LOCAL),
            200,
            ACME,
        ),
        row("a proxy that adds to what its client made up")
            .ask(office(&["x-forwarded-for: 203.0.113.7, 198.51.100.9"]), 403, Network)
            .ask(office(&["x-forwarded-for: 198.51.100.9, 203.0.113.7"]), 200, ACME)
            .ask(
                office(&["x-forwarded-for: 203.0.113.7", "x-forwarded-for: 198.51.100.9"]),
                403,
                Network,
            )
            .ask(
                office(&["x-forwarded-for: 198.51.100.9", "x-forwarded-for: 203.0.113.7"]),
                200,
                ACME,
            ),
        row("a proxy that says what is no address")
            .ask(get("/key").with(LOCAL).with("x-forwarded-for: unknown"), 200, ACME)
            .ask(office(&["x-forwarded-for: 203.0.113.7, unknown"]), 403, Network)
            .ask(office(&["x-forwarded-for: 203.0.113.7,"]), 403, Network),
    ]
}

fn behind_proxies() -> Vec<Row> {
    let row = |name| row(name).on(Setup::BehindProxies);
    vec![
        row("proxies in a row")
            .ask(office(&["x-forwarded-for: 203.0.113.7, 10.0.0.2, 10.0.0.1"]), 200, ACME)
            .ask(office(&["x-forwarded-for: 203.0.113.7", "x-forwarded-for: 10.0.0.2"]), 200, ACME)
            .ask(office(&["x-forwarded-for: 203.0.113.7, 198.51.100.9, 10.0.0.2"]), 403, Network)
            .ask(office(&["x-forwarded-for: 203.0.113.7, unknown, 10.0.0.2"]), 403, Network),
        row("a request of a proxy itself").ask(
            get("/key").with(LOCAL).with("x-forwarded-for: 127.0.0.9"),
            200,
            ACME,
        ),
    ]
}

fn attempts() -> Vec<Row> {
    let row = |name| row(name).on(Setup::Wary).in_a_minute_of_its_own();
    let with = |line| get("/key").with(line);
    vec![
        row("more unknown keys than are free")
            .ask(with(FULL), 200, ACME)
            .ask(with("authorization: Bearer {unknown}"), 401, Invalid)
            .ask(with("authorization: Bearer {unknown too}"), 401, Invalid)
            .ask(with("authorization: Bearer {nor known}"), 429, Limited)
            .ask(get("/anybody").with("authorization: Bearer {nor known}"), 429, Limited)
            .ask(with("authorization: Bearer x"), 401, Invalid)
            .ask(get("/key"), 401, Missing)
            .ask(with(FULL), 200, ACME),
    ]
}
