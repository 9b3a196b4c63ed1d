//! What good keys may do, and where.

use super::{Row, row};
use crate::api::Why::{Ambiguous, Limited, Missing, Resource, Scope};
use crate::application::{LIVE, OK, SANDBOX, STRANGER, Setup};
use crate::request::get;

const ACME: &str = "acme";
const FULL: &str = "authorization: Bearer {full}";
const READER: &str = "authorization: Bearer {reader}";
const WRITER: &str = "authorization: Bearer {writer}";
const NOTHING: &str = "authorization: Bearer {nothing}";
const RESTRICTED: &str = "authorization: Bearer {restricted}";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = scopes();
    rows.extend(resources());
    rows.extend(workspaces());
    rows.extend(environments());
    rows.extend(optional());
    rows.push(
        row("one request too many")
            .ask(get("/limited").with(FULL), 429, Limited)
            .ask(get("/limited").with(FULL), 429, Limited)
            .ask(get("/limited"), 401, Missing),
    );
    rows
}

fn scopes() -> Vec<Row> {
    // Whoever may write there may read.
    let implied = ["scribe-sight"];
    vec![
        row("the scope that is asked for").ask(get("/read").with(READER), 200, OK),
        row("another scope").ask(get("/read").with(WRITER), 403, Scope).but(&implied, 200, OK),
        row("all scopes there are").ask(get("/read").with(FULL), 200, OK),
        row("no scope").ask(get("/read").with(NOTHING), 403, Scope),
        row("both of two").ask(get("/both").with("authorization: Bearer {both}"), 200, OK),
        row("one of two, where both are asked for").ask(get("/both").with(READER), 403, Scope),
        row("the other of two, where both are asked for")
            .ask(get("/both").with(WRITER), 403, Scope)
            .but(&implied, 200, OK),
        row("one of two, where either will do").ask(get("/either").with(READER), 200, OK),
        row("the other of two, where either will do").ask(get("/either").with(WRITER), 200, OK),
        row("none of two, where either will do").ask(get("/either").with(NOTHING), 403, Scope),
        row("no key, where a scope is asked for").ask(get("/read"), 401, Missing),
        row("a publishable key where a scope is asked for").only_in(&["scribe-sight"]).ask(
            get("/read").with("authorization: Bearer {publishable}"),
            403,
            Scope,
        ),
        row("a scope of old that is as good as another")
            .only_in(&["bigspin"])
            .ask(get("/either").with("authorization: Bearer {legacy scope}"), 200, OK)
            .ask(get("/read").with("authorization: Bearer {legacy scope}"), 403, Scope),
    ]
}

fn resources() -> Vec<Row> {
    vec![
        row("the resource of a restricted key").ask(
            get("/projects/p-1").with(RESTRICTED),
            200,
            ACME,
        ),
        row("another resource").ask(get("/projects/p-2").with(RESTRICTED), 403, Resource),
        row("any resource of a key without restriction").ask(
            get("/projects/p-2").with(FULL),
            200,
            ACME,
        ),
        row("a resource with an escaped character").ask(
            get("/projects/p%2D1").with(RESTRICTED),
            200,
            ACME,
        ),
        row("a resource with an escaped slash").ask(
            get("/projects/p-1%2F").with(RESTRICTED),
            403,
            Resource,
        ),
        row("a resource in capitals").ask(get("/projects/P-1").with(RESTRICTED), 403, Resource),
        row("a resource that is no text").ask(get("/projects/%FF").with(RESTRICTED), 403, Resource),
        row("a resource that is no text, of a key without restriction").ask(
            get("/projects/%FF").with(FULL),
            403,
            Resource,
        ),
        row("a resource, and no key").ask(get("/projects/p-1"), 401, Missing),
    ]
}

fn workspaces() -> Vec<Row> {
    let onepin = ["onepin"];
    let named = |line| get("/key").with(FULL).with(line);
    vec![
        row("the key's workspace").ask(get("/workspaces/acme").with(FULL), 200, ACME),
        row("another workspace").ask(get("/workspaces/globex").with(FULL), 403, Resource),
        row("the key's workspace beside it").ask(named("x-workspace-id: acme"), 200, ACME),
        row("another workspace beside the key")
            .ask(named("x-workspace-id: globex"), 200, ACME)
            .but(&onepin, 403, Resource),
        row("the key's workspace beside it, twice")
            .ask(named("x-workspace-id: acme").with("x-workspace-id: acme"), 200, ACME)
            .but(&onepin, 403, Resource),
    ]
}

fn environments() -> Vec<Row> {
    vec![
        row("the data of live keys").ask(get("/environment").with(FULL), 200, LIVE),
        row("the data of the sandbox").only_in(&["standard", "systemprompt"]).ask(
            get("/environment").with("authorization: Bearer {sandbox}"),
            200,
            SANDBOX,
        ),
        row("no data without a key").ask(get("/environment"), 401, Missing),
    ]
}

fn optional() -> Vec<Row> {
    use crate::api::Why::Invalid;
    let optional = |name| row(name).on(Setup::Optional);
    vec![
        optional("nobody, where anybody may come").ask(get("/anybody"), 200, STRANGER),
        optional("a password, where anybody may come").ask(
            get("/anybody").with("authorization: Basic dXNlcjpwYXNz"),
            200,
            STRANGER,
        ),
        optional("a key, where anybody may come").ask(get("/anybody").with(FULL), 200, ACME),
        optional("a bad key, where anybody may come").ask(
            get("/anybody").with("authorization: Bearer x"),
            401,
            Invalid,
        ),
        optional("a revoked key, where anybody may come").ask(
            get("/anybody").with("authorization: Bearer {revoked}"),
            401,
            Invalid,
        ),
        optional("two keys, where anybody may come").ask(
            get("/anybody").with(FULL).with(FULL),
            400,
            Ambiguous,
        ),
        optional("nobody, at a handler that asks for a key").ask(get("/key"), 401, Missing),
        optional("nobody, at a handler that asks for a scope").ask(get("/read"), 401, Missing),
        optional("nobody, at a handler that asks for a resource").ask(
            get("/projects/p-1"),
            401,
            Missing,
        ),
        optional("nobody, at data of live keys").ask(get("/environment"), 401, Missing),
    ]
}
