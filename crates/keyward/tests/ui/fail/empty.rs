#[path = "../stand_in.rs"]
mod stand_in;

use keyward::{scope, scoped};
use stand_in::{RequireResource, RequireScope};

#[scoped]
fn nothing(_: RequireScope<"">) {}

#[scoped]
fn blank(_: RequireScope<"  ">) {}

#[scoped]
fn resource(_: RequireResource<"">) {}

type Nothing = scope!("");

fn main() {}
