//! How often good keys may ask.

use super::{Row, Says, row};
use crate::api::Why::{Limited, Missing, Scope};
use crate::application::OK;
use crate::request::{get, head, request};

const ACME: &str = "acme";
const SLOW: &str = "authorization: Bearer {slow}";
const FULL: &str = "authorization: Bearer {full}";

pub(super) fn rows() -> Vec<Row> {
    let limited = |name| row(name).in_a_minute_of_its_own();
    let key = || get("/key").with(SLOW);
    let analyses = (0..50).fold(
        limited("a route with a limit of its own, up to that and beyond")
            .only_in(&["scribe-sight"]),
        |row, _| row.ask(get("/analysis").with(FULL), 200, OK),
    );
    vec![
        limited("a key within its limit").ask(key(), 200, ACME).ask(key(), 200, ACME),
        limited("a key beyond its limit")
            .ask(key(), 200, ACME)
            .ask(key(), 200, ACME)
            .ask(key(), 429, Limited)
            .ask(head("/key").with(SLOW), 429, Says::Nothing)
            .ask(get("/read").with(SLOW), 429, Limited)
            .ask(get("/nowhere").with(SLOW), 429, Limited)
            .ask(request("TRACE", "/key").with(SLOW), 429, Limited)
            .ask(get("/key").with("authorization: Bearer {other}"), 200, "globex")
            .ask(get("/key"), 401, Missing),
        limited("a limited key where nothing is asked for")
            .ask(get("/anybody").with(SLOW), 200, ACME)
            .ask(get("/id").with(SLOW).with("x-request-id: mine"), 200, "<the request's id>")
            .ask(get("/anybody").with(SLOW), 429, Limited),
        limited("requests that are refused for a scope count")
            .ask(get("/both").with(SLOW), 403, Scope)
            .ask(get("/nowhere").with(SLOW), 404, "no such path")
            .ask(key(), 429, Limited),
        limited("requests that are no key's do not count")
            .ask(get("/key"), 401, Missing)
            .ask(key(), 200, ACME)
            .ask(get("/key"), 401, Missing)
            .ask(key(), 200, ACME),
        analyses.ask(get("/analysis").with(FULL), 429, Limited).ask(
            get("/key").with(FULL),
            200,
            ACME,
        ),
        limited("a route that asks for a limit which the dialect has not")
            .only_in(&["standard", "bigspin", "onepin", "systemprompt"])
            .ask(
                get("/analysis").with(FULL),
                500,
                r#"{"error":{"message":"Internal server error"}}"#,
            ),
    ]
}
