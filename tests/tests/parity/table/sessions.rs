//! People with a session beside keys.

use super::{Row, Says, row};
use crate::api::Why::{Ambiguous, Invalid, Limited, Missing};
use crate::application::Setup;
use crate::request::{get, head};
use crate::sessions::ALICE;

const JWT: &str = "authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
const SESSION: &str = "x-session: 7";

pub(super) fn rows() -> Vec<Row> {
    let guarded = |name| row(name).on(Setup::Guarded);
    let caller = || get("/caller");
    let bad = |line| caller().with(line).with(SESSION);
    vec![
        guarded("a person").ask(caller().with(SESSION), 200, ALICE),
        guarded("a key beside people").ask(
            caller().with("authorization: Bearer {full}"),
            200,
            "acme",
        ),
        guarded("a key of somebody who has a session too").ask(
            bad("authorization: Bearer {full}"),
            200,
            "acme",
        ),
        guarded("neither a key nor a person").ask(caller(), 401, Missing),
        guarded("a person who is nobody any more").ask(caller().with("x-session: 8"), 401, Invalid),
        guarded("a person who asks too much").ask(
            caller().with("x-session: too many"),
            429,
            Limited,
        ),
        guarded("a token that is no key, of a person").ask(bad(JWT), 200, ALICE),
        guarded("a token that is no key, of nobody").ask(caller().with(JWT), 401, Invalid),
        guarded("a key that is too short, of a person").ask(
            bad("authorization: Bearer {too short}"),
            401,
            Invalid,
        ),
        guarded("a revoked key of a person").ask(
            bad("authorization: Bearer {revoked}"),
            401,
            Invalid,
        ),
        guarded("two keys of a person").ask(
            bad("authorization: Bearer {full}").with("authorization: Bearer {full}"),
            400,
            Ambiguous,
        ),
        guarded("a person where a key is asked for").ask(get("/key").with(SESSION), 401, Missing),
        guarded("a person where a scope is asked for").ask(
            get("/read").with(SESSION),
            401,
            Missing,
        ),
        guarded("only the head, of a person")
            .ask(head("/caller").with(SESSION), 200, Says::Nothing)
            .ask(head("/key").with(SESSION), 401, Says::Nothing),
    ]
}
