#[path = "../stand_in.rs"]
mod stand_in;

use keyward::{Scope, scoped};
use stand_in::RequireScope;

#[derive(Scope)]
enum Permission {
    ProjectsRead,
    ProjectsWrite,
}

#[scoped(Permission)]
fn one(_: RequireScope<"projects-raed">) {}

#[scoped(Permission)]
fn two_in_one_text(_: RequireScope<"projects-read billing | project-write">) {}

#[scoped(Permission)]
impl Permission {
    fn method(&self, _: RequireScope<"projects-delete">) {
        let _: Option<RequireScope<"members">> = None;
    }
}

#[scoped(crate::Permission)]
mod inline {
    use crate::stand_in::RequireScope;

    pub fn one(_: RequireScope<"Projects-Read">) {}
}

fn main() {
    one(RequireScope::new());
}
