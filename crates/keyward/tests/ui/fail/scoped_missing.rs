#[path = "../stand_in.rs"]
mod stand_in;

use stand_in::RequireScope;

fn list(_: RequireScope<"projects-read">) {}

fn main() {}
