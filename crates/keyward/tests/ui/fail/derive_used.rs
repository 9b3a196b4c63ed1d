#[path = "../stand_in.rs"]
mod stand_in;

use keyward::{Scope, scoped};
use stand_in::RequireScope;

// One error: what uses the enum adds none.
#[derive(Scope)]
enum Permission {
    ProjectsRead,
    Write(String),
}

#[scoped(Permission)]
fn list(_: RequireScope<"projects-read">) {}

#[scoped(Permission)]
fn write(_: RequireScope<"write">) {}

fn main() {
    list(RequireScope::new());
    write(RequireScope::new());
    let _ = Permission::ProjectsRead.as_str();
}
