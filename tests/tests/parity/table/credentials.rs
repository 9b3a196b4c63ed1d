//! Where a key is looked for, and how often it may be there.

use super::{Row, row};
use crate::api::Why::{Ambiguous, Invalid, Missing};
use crate::request::get;

const ACME: &str = "acme";

pub(super) fn rows() -> Vec<Row> {
    let key = || get("/key");
    let mut rows = vec![
        row("no credential").ask(key(), 401, Missing),
        row("an empty credential").ask(key().with("authorization:"), 401, Missing),
        row("a scheme alone").ask(key().with("authorization: Bearer"), 401, Missing),
        row("a scheme and spaces").ask(key().with("authorization: Bearer    "), 401, Missing),
        row("a password").ask(key().with("authorization: Basic dXNlcjpwYXNz"), 401, Missing),
        row("a good key as a password").ask(
            key().with("authorization: Basic {full}"),
            401,
            Missing,
        ),
        row("a digest").ask(
            key().with("authorization: Digest username=\"a\", response=\"b\""),
            401,
            Missing,
        ),
        row("a good key without a scheme").ask(key().with("authorization: {full}"), 401, Missing),
        row("a scheme that is glued to the key").ask(
            key().with("authorization: Bearer{full}"),
            401,
            Missing,
        ),
        row("a tab after the scheme").ask(
            key().with("authorization: Bearer\t{full}"),
            401,
            Missing,
        ),
        row("a good key in a cookie").ask(key().with("cookie: key={full}"), 401, Missing),
        row("a good key for a proxy").ask(
            key().with("proxy-authorization: Bearer {full}"),
            401,
            Missing,
        ),
        row("a good key in the query").ask(get("/key?api_key={full}"), 401, Missing),
    ];
    rows.extend(ways_of_writing());
    rows.extend(twice());
    rows.extend(in_another_header());
    rows
}

fn ways_of_writing() -> Vec<Row> {
    let key = || get("/key");
    vec![
        row("a good key").ask(key().with("authorization: Bearer {full}"), 200, ACME),
        row("a scheme in small letters").ask(key().with("authorization: bearer {full}"), 200, ACME),
        row("a scheme in capitals").ask(key().with("authorization: BEARER {full}"), 200, ACME),
        row("a scheme in both").ask(key().with("authorization: bEaReR {full}"), 200, ACME),
        row("many spaces after the scheme").ask(
            key().with("authorization: Bearer     {full}"),
            200,
            ACME,
        ),
        row("spaces after the key").ask(key().with("authorization: Bearer {full}  "), 200, ACME),
        row("no space after the colon").ask(key().with("authorization:Bearer {full}"), 200, ACME),
        row("a header's name in capitals").ask(
            key().with("AUTHORIZATION: Bearer {full}"),
            200,
            ACME,
        ),
        row("a key and a query that says nothing of it").ask(
            get("/key?a=b&c").with("authorization: Bearer {full}"),
            200,
            ACME,
        ),
    ]
}

fn twice() -> Vec<Row> {
    let both = |first, second| get("/key").with(first).with(second);
    vec![
        row("one key twice").ask(
            both("authorization: Bearer {full}", "authorization: Bearer {full}"),
            400,
            Ambiguous,
        ),
        row("two keys").ask(
            both("authorization: Bearer {full}", "authorization: Bearer {reader}"),
            400,
            Ambiguous,
        ),
        row("a key and a password").ask(
            both("authorization: Bearer {full}", "authorization: Basic dXNlcjpwYXNz"),
            400,
            Ambiguous,
        ),
        row("two passwords").ask(
            both("authorization: Basic dXNlcjpwYXNz", "authorization: Basic dXNlcjpwYXNz"),
            400,
            Ambiguous,
        ),
        row("an empty header and a key").ask(
            both("authorization:", "authorization: Bearer {full}"),
            400,
            Ambiguous,
        ),
        row("three keys").ask(
            both("authorization: Bearer {full}", "authorization: Bearer {full}")
                .with("authorization: Bearer x"),
            400,
            Ambiguous,
        ),
        row("two keys in one header").ask(
            get("/key").with("authorization: Bearer {full}, Bearer {full}"),
            401,
            Invalid,
        ),
    ]
}

/// Only `standard` looks into `X-API-Key`.
fn in_another_header() -> Vec<Row> {
    let key = || get("/key");
    let standard = ["standard"];
    vec![
        row("a key in another header")
            .ask(key().with("x-api-key: {full}"), 401, Missing)
            .but(&standard, 200, ACME),
        row("a bad key in another header")
            .ask(key().with("x-api-key: no key"), 401, Missing)
            .but(&standard, 401, Invalid),
        row("another header that is empty, and a key").ask(
            key().with("x-api-key:").with("authorization: Bearer {full}"),
            200,
            ACME,
        ),
        row("a key in both headers")
            .ask(key().with("x-api-key: {full}").with("authorization: Bearer {full}"), 200, ACME)
            .but(&standard, 400, Ambiguous),
        row("another header twice")
            .ask(key().with("x-api-key: {full}").with("x-api-key: {full}"), 401, Missing)
            .but(&standard, 400, Ambiguous),
        row("a password and a key in another header")
            .ask(
                key().with("authorization: Basic dXNlcjpwYXNz").with("x-api-key: {full}"),
                401,
                Missing,
            )
            .but(&standard, 200, ACME),
    ]
}
