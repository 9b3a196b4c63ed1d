//! Requests with bodies, let in and refused.

use super::{Row, row};
use crate::api::Why::{Invalid, Missing, Scope};
use crate::request::{Request, get, post};

const WRITER: &str = "authorization: Bearer {writer}";
const NOTHING: &str = "authorization: Bearer {nothing}";

pub(super) fn rows() -> Vec<Row> {
    let upload = || post("/upload");
    let after = || get("/key").with("authorization: Bearer {full}");
    let chunked = |request: Request| request.chunks(&["hello", ", ", "world"]);
    vec![
        row("an upload").ask(upload().with(WRITER).body("hello"), 200, "5"),
        row("an upload of nothing").ask(upload().with(WRITER), 200, "0"),
        row("an upload of no bytes").ask(upload().with(WRITER).body(""), 200, "0"),
        row("an upload without a key, and a request after it")
            .ask(upload().body("hello"), 401, Missing)
            .ask(after(), 200, "acme"),
        row("an upload with a bad key, and a request after it")
            .ask(upload().with("authorization: Bearer x").body("hello"), 401, Invalid)
            .ask(after(), 200, "acme"),
        row("an upload without the scope, and a request after it")
            .ask(upload().with(NOTHING).body("hello"), 403, Scope)
            .ask(after(), 200, "acme"),
        row("a body where nobody wants one, and a request after it")
            .ask(get("/key").with("authorization: Bearer {full}").body("hello"), 200, "acme")
            .ask(after(), 200, "acme"),
        row("an upload in chunks").ask(chunked(upload().with(WRITER)), 200, "12"),
        row("an upload in no chunks").ask(upload().with(WRITER).chunks(&[]), 200, "0"),
        row("an upload in chunks without a key, and a request after it")
            .ask(chunked(upload()), 401, Missing)
            .ask(after(), 200, "acme"),
        row("an upload in chunks without the scope, and a request after it")
            .ask(chunked(upload().with(NOTHING)), 403, Scope)
            .ask(after(), 200, "acme"),
        row("an upload whose chunks do not end, without a key").ask(
            upload().unfinished(),
            401,
            Missing,
        ),
        row("an upload whose chunks do not end, with an unknown key").ask(
            upload().with("authorization: Bearer {unknown}").unfinished(),
            401,
            Invalid,
        ),
        row("an upload whose chunks do not end, without the scope").ask(
            upload().with(NOTHING).unfinished(),
            403,
            Scope,
        ),
        row("an upload that waits to be asked for, and a request after it")
            .ask(upload().with(WRITER).awaited("hello"), 200, "5")
            .ask(after(), 200, "acme"),
        row("an upload that waits to be asked for, without a key").ask(
            upload().awaited("hello"),
            401,
            Missing,
        ),
        row("an upload that waits to be asked for, with an unknown key").ask(
            upload().with("authorization: Bearer {unknown}").awaited("hello"),
            401,
            Invalid,
        ),
        row("an upload that waits to be asked for, without the scope").ask(
            upload().with(NOTHING).awaited("hello"),
            403,
            Scope,
        ),
    ]
}
