//! A store that is down: who can be judged without it, and who cannot.

use super::{Row, Says, row};
use crate::api::Why::{Ambiguous, Invalid, Missing, Unavailable};
use crate::application::Setup;
use crate::request::{get, head};

pub(super) fn rows() -> Vec<Row> {
    let down = |name| row(name).on(Setup::Down);
    let key = |line| get("/key").with(line);
    vec![
        down("a good key while the store is down, and again")
            .ask(key("authorization: Bearer {full}"), 503, Unavailable)
            .ask(key("authorization: Bearer {full}"), 503, Unavailable),
        down("an unknown key while the store is down").ask(
            key("authorization: Bearer {unknown}"),
            503,
            Unavailable,
        ),
        down("a revoked key while the store is down").ask(
            key("authorization: Bearer {revoked}"),
            503,
            Unavailable,
        ),
        down("only the head, while the store is down").ask(
            head("/key").with("authorization: Bearer {full}"),
            503,
            Says::Nothing,
        ),
        down("a path that is not there, while the store is down").ask(
            get("/nowhere").with("authorization: Bearer {full}"),
            503,
            Unavailable,
        ),
        down("no key while the store is down").ask(get("/key"), 401, Missing),
        down("no key at all while the store is down").ask(
            key("authorization: Bearer x"),
            401,
            Invalid,
        ),
        down("two keys while the store is down").ask(
            key("authorization: Bearer {full}").with("authorization: Bearer {full}"),
            400,
            Ambiguous,
        ),
    ]
}
