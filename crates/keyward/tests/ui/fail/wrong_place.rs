#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;
use stand_in::RequireScope;

#[scoped]
struct Arguments {
    key: RequireScope<"projects-read">,
}

#[scoped]
const ARGUMENTS: Option<RequireScope<"projects-read">> = None;

fn main() {}
