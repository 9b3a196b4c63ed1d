#[path = "../stand_in.rs"]
mod stand_in;

use keyward::{Scope, scoped};

#[derive(Scope)]
enum Permission {
    ProjectsRead,
}

#[scoped(Permission)]
mod projects {
    use crate::stand_in::RequireScope;

    pub fn list(_: RequireScope<"projects-read">, _: RequireScope<"projects-read">) {}
}

fn main() {}
