//! Whose id a request has.

use super::{Row, row};
use crate::api::Why::{Invalid, Missing};
use crate::application::{ITS_OWN_ID, Setup};
use crate::request::get;

const ACME: &str = "acme";
const FULL: &str = "authorization: Bearer {full}";
const SENT: &str = "x-request-id: trace-7.a_B";

pub(super) fn rows() -> Vec<Row> {
    let accepts = |name| row(name).on(Setup::AcceptsRequestIds);
    let gives = |name| row(name).on(Setup::GivesRequestIds);
    vec![
        row("a client's id that nobody asked for").ask(
            get("/key").with(FULL).with(SENT),
            200,
            ACME,
        ),
        row("a client's id that nobody asked for, of a refusal").ask(
            get("/key").with(SENT),
            401,
            Missing,
        ),
        accepts("a client's id")
            .ask(get("/id").with(FULL).with(SENT), 200, "trace-7.a_B")
            .named("trace-7.a_B"),
        accepts("a client's id of a refusal")
            .ask(get("/key").with(SENT), 401, Missing)
            .named("trace-7.a_B")
            .ask(get("/key").with(SENT).with("authorization: Bearer {unknown}"), 401, Invalid)
            .named("trace-7.a_B"),
        accepts("no id of the client's").ask(get("/key").with(FULL), 200, ACME),
        accepts("an empty id").ask(get("/key").with(FULL).with("x-request-id:"), 200, ACME),
        accepts("an id with a space").ask(get("/key").with("x-request-id: a b"), 401, Missing),
        accepts("an id that would end a text").ask(
            get("/key").with("x-request-id: \",\"admin\":true"),
            401,
            Missing,
        ),
        accepts("an id with an accent").ask(get("/key").with("x-request-id: é"), 401, Missing),
        accepts("two ids: the first")
            .ask(get("/key").with(FULL).with("x-request-id: 1").with("x-request-id: 2"), 200, ACME)
            .named("1"),
        gives("an id of the application")
            .ask(get("/id").with(FULL), 200, ITS_OWN_ID)
            .named(ITS_OWN_ID),
        gives("an id of the application, whatever the client sent")
            .ask(get("/key").with(FULL).with(SENT), 200, ACME)
            .named(ITS_OWN_ID),
        gives("an id of the application, of a refusal")
            .ask(get("/key"), 401, Missing)
            .named(ITS_OWN_ID)
            .ask(get("/limited").with(FULL), 429, crate::api::Why::Limited)
            .named(ITS_OWN_ID),
    ]
}
