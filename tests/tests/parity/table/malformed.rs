//! Texts that are no keys, each of which ends before the store is asked, or soon after.

use super::{Row, row};
use crate::api::Why::Invalid;
use crate::request::get;

/// A name, and what follows `authorization: `.
const TEXTS: [(&str, &str); 20] = [
    ("a letter", "authorization: Bearer x"),
    ("a prefix without a key", "authorization: Bearer {prefix}"),
    ("a key without its prefix", "authorization: Bearer {without prefix}"),
    ("a key that is too short", "authorization: Bearer {too short}"),
    ("a key that is too long", "authorization: Bearer {too long}"),
    ("a key that is much too long", "authorization: Bearer {very long}"),
    ("a key with a character of no alphabet", "authorization: Bearer {with !}"),
    ("a key with an accent", "authorization: Bearer {not ASCII}"),
    ("a key that is no text", "authorization: Bearer {not UTF-8}"),
    ("a key with a space in it", "authorization: Bearer {with a space}"),
    ("a key with a tab in it", "authorization: Bearer {with a tab}"),
    ("a key in capitals", "authorization: Bearer {in capitals}"),
    ("a key with an escaped character", "authorization: Bearer {escaped}"),
    ("a key with one character changed", "authorization: Bearer {changed}"),
    ("a key in quotes", "authorization: Bearer \"{full}\""),
    ("a key after a tab", "authorization: Bearer \t{full}"),
    ("a key after two schemes", "authorization: Bearer Bearer {full}"),
    ("a key with a comma", "authorization: Bearer {full},"),
    ("a JWT", "authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"),
    ("a key of another system", "authorization: Bearer ghp_0123456789abcdefghijklmnopqrstuvwxyz"),
];

pub(super) fn rows() -> Vec<Row> {
    let rows = TEXTS.iter().map(|(name, line)| row(name).ask(get("/key").with(line), 401, Invalid));
    rows.collect()
}
