//! What can have become of a key.

use super::{Row, row};
use crate::api::Why::{Expired, Invalid, Scope, Unavailable};
use crate::request::get;

const ACME: &str = "acme";

pub(super) fn rows() -> Vec<Row> {
    let key = |line| get("/key").with(line);
    vec![
        row("an unknown key, and again when it is known to be unknown")
            .ask(key("authorization: Bearer {unknown}"), 401, Invalid)
            .ask(key("authorization: Bearer {unknown}"), 401, Invalid),
        row("a revoked key").ask(key("authorization: Bearer {revoked}"), 401, Invalid),
        row("a deleted key").ask(key("authorization: Bearer {deleted}"), 401, Invalid),
        row("an expired key, a millisecond after its end").ask(
            key("authorization: Bearer {expired}"),
            401,
            Expired,
        ),
        row("a key that will expire").ask(key("authorization: Bearer {temporary}"), 200, ACME),
        row("a key in whose place is another").ask(
            key("authorization: Bearer {replaced}"),
            401,
            Invalid,
        ),
        row("a replaced key in its grace").ask(key("authorization: Bearer {in grace}"), 200, ACME),
        row("a key in the place of another").ask(key("authorization: Bearer {rotated}"), 200, ACME),
        row("a reactivated key").only_in(&["bigspin", "onepin"]).ask(
            key("authorization: Bearer {reactivated}"),
            200,
            ACME,
        ),
        row("a key with an old prefix").only_in(&["bigspin", "onepin"]).ask(
            key("authorization: Bearer {legacy}"),
            200,
            ACME,
        ),
        row("a key whose record is of another kind than its prefix")
            .only_in(&["standard", "scribe-sight", "systemprompt"])
            .ask(key("authorization: Bearer {of another kind}"), 401, Invalid),
        row("a key of a kind that the dialect has not: who can say?").ask(
            key("authorization: Bearer {of no kind}"),
            503,
            Unavailable,
        ),
        row("a key that is granted nothing")
            .ask(key("authorization: Bearer {nothing}"), 200, ACME)
            .but(&["systemprompt"], 403, Scope),
        row("a key of another workspace").ask(key("authorization: Bearer {other}"), 200, "globex"),
        row("a key of the sandbox").only_in(&["standard", "systemprompt"]).ask(
            key("authorization: Bearer {sandbox}"),
            200,
            ACME,
        ),
        row("a publishable key").only_in(&["scribe-sight"]).ask(
            key("authorization: Bearer {publishable}"),
            200,
            ACME,
        ),
    ]
}
