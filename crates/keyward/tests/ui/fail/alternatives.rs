#[path = "../stand_in.rs"]
mod stand_in;

use keyward::{scope, scoped};
use stand_in::RequireScope;

#[scoped]
fn nothing_after(_: RequireScope<"read |">) {}

#[scoped]
fn nothing_before(_: RequireScope<" | read">) {}

#[scoped]
fn nothing_between(_: RequireScope<"read | | write">) {}

#[scoped]
fn no_spaces(_: RequireScope<"read|write">) {}

type Doubled = scope!("read || write");

fn main() {}
