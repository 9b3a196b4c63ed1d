//! Methods, paths, versions, and connections that go on.

use super::{Row, Says, row};
use crate::api::Why::{Invalid, Missing, Scope};
use crate::application::{NO_METHOD, NO_PATH, OK, Setup};
use crate::request::{Request, get, head, post, request};

const ACME: &str = "acme";
const FULL: &str = "authorization: Bearer {full}";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = methods();
    rows.extend(preflights());
    rows.extend(paths());
    rows.extend(old_clients());
    rows.extend(connections());
    rows
}

fn methods() -> Vec<Row> {
    vec![
        row("only the head").ask(head("/key").with(FULL), 200, Says::Nothing),
        row("only the head, without a key").ask(head("/key"), 401, Says::Nothing),
        row("only the head, with a bad key").ask(
            head("/key").with("authorization: Bearer x"),
            401,
            Says::Nothing,
        ),
        row("only the head, without a scope").ask(
            head("/read").with("authorization: Bearer {nothing}"),
            403,
            Says::Nothing,
        ),
        row("only the head of a path that is not there").ask(
            head("/nowhere").with(FULL),
            404,
            Says::Nothing,
        ),
        row("the options").ask(request("OPTIONS", "/key").with(FULL), 405, NO_METHOD),
        row("the options, without a key").ask(request("OPTIONS", "/key"), 401, Missing),
        row("a method that the path does not know").ask(
            request("DELETE", "/key").with(FULL),
            405,
            NO_METHOD,
        ),
        row("a method that the path does not know, without a key").ask(
            request("DELETE", "/key"),
            401,
            Missing,
        ),
        row("a path that is only posted to").ask(get("/upload").with(FULL), 405, NO_METHOD),
        row("a method of one's own").ask(request("BREW", "/key").with(FULL), 405, NO_METHOD),
        row("a method of one's own, without a key").ask(request("BREW", "/key"), 401, Missing),
    ]
}

fn preflight() -> Request {
    request("OPTIONS", "/key")
        .with("origin: https://app.example")
        .with("access-control-request-method: GET")
        .with("access-control-request-headers: authorization")
}

fn preflights() -> Vec<Row> {
    let allowed = |name| row(name).on(Setup::AllowsPreflight);
    vec![
        row("a preflight").ask(preflight(), 401, Missing),
        allowed("a preflight where it is let through").ask(preflight(), 405, NO_METHOD),
        allowed("the options, where only preflights are let through").ask(
            request("OPTIONS", "/key").with("origin: https://app.example"),
            401,
            Missing,
        ),
        allowed("a request that looks like a preflight but for its method").ask(
            get("/key")
                .with("origin: https://app.example")
                .with("access-control-request-method: GET"),
            401,
            Missing,
        ),
    ]
}

fn paths() -> Vec<Row> {
    vec![
        row("a path that is not there").ask(get("/nowhere").with(FULL), 404, NO_PATH),
        row("a path that is not there, without a key").ask(get("/nowhere"), 401, Missing),
        row("the root, which is not there").ask(get("/").with(FULL), 404, NO_PATH),
        row("a slash too many").ask(get("/key/").with(FULL), 404, NO_PATH),
        row("a path that is no text").ask(get("/%FF").with(FULL), 404, NO_PATH),
        row("a path that is no text, without a key").ask(get("/%FF"), 401, Missing),
    ]
}

fn old_clients() -> Vec<Row> {
    let goes_on = "connection: keep-alive";
    vec![
        row("HTTP/1.0").ask(get("/key").with(FULL).old(), 200, ACME),
        row("HTTP/1.0 without a key").ask(get("/key").old(), 401, Missing),
        row("HTTP/1.0 without a scope").ask(
            get("/read").with("authorization: Bearer {nothing}").old(),
            403,
            Scope,
        ),
        row("HTTP/1.0 that goes on after a refusal")
            .ask(get("/key").with(goes_on).old(), 401, Missing)
            .ask(get("/key").with(FULL).with(goes_on).old(), 200, ACME),
        row("only the head, in HTTP/1.0").ask(head("/key").with(FULL).old(), 200, Says::Nothing),
    ]
}

fn connections() -> Vec<Row> {
    vec![
        row("a good key after a refusal").ask(get("/key"), 401, Missing).ask(
            get("/key").with(FULL),
            200,
            ACME,
        ),
        row("a refusal after a good key").ask(get("/key").with(FULL), 200, ACME).ask(
            get("/key"),
            401,
            Missing,
        ),
        row("every refusal on one connection")
            .ask(get("/key").with("authorization: Bearer x"), 401, Invalid)
            .ask(get("/key").with("authorization: Bearer {unknown}"), 401, Invalid)
            .ask(get("/read").with("authorization: Bearer {nothing}"), 403, Scope)
            .ask(head("/key"), 401, Says::Nothing)
            .ask(get("/read").with("authorization: Bearer {reader}"), 200, OK),
        row("a key does not stay with the connection")
            .ask(get("/key").with("authorization: Bearer {other}"), 200, "globex")
            .ask(get("/key").with(FULL), 200, ACME)
            .ask(post("/upload"), 401, Missing),
    ]
}
