#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;
use stand_in::RequireScope;

#[scoped]
fn list(
    _: RequireScope<
        "projects-read projects-read projects-read projects-read projects-read projects-read projects-read projects-read projects-read projects-read",
    >,
) {
}

fn main() {}
