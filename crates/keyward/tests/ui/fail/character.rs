#[path = "../stand_in.rs"]
mod stand_in;

use keyward::{scope, scoped};
use stand_in::{RequireResource, RequireScope};

#[scoped]
fn quote(_: RequireScope<"projects\"read">) {}

#[scoped]
fn several_mistakes(_: RequireScope<"größe">, _: RequireScope<"a\tb">) -> Vec<RequireScope<"a\\b">> {
    Vec::new()
}

#[scoped]
fn resource(_: RequireResource<"project id">, _: RequireResource<"project_id | id">) {}

type Accent = scope!("é");

fn main() {}
