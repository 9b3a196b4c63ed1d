#[path = "../stand_in.rs"]
mod stand_in;

use keyward::key::{Literal, Str};
use keyward::{scope, scoped};
use stand_in::RequireScope;

type Read = Str<4, { u128::from_le_bytes(*b"read\0\0\0\0\0\0\0\0\0\0\0\0") }>;

#[scoped]
fn read(key: RequireScope<"read">) -> &'static str {
    key.asks_for()
}

fn also_read(key: RequireScope<scope!("read")>) -> &'static str {
    read(key)
}

fn main() {
    assert_eq!(also_read(RequireScope::<Read>::new()), Read::NAME);
}
