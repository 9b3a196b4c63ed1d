#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;
use stand_in::RequireScope;

enum Permission {
    ProjectsRead,
}

#[scoped(Permission)]
fn list(_: RequireScope<"projects-read">, _: RequireScope<"projects-write">) {}

fn main() {
    let _ = Permission::ProjectsRead;
}
