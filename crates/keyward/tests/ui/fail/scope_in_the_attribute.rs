#[path = "../stand_in.rs"]
mod stand_in;

use keyward::{scope, scoped};
use stand_in::RequireScope;

#[scoped("projects-read")]
fn list() {}

#[scoped(Permission::Read, Permission::Write)]
fn get(_: RequireScope<"projects-read">) {}

type Bare = scope!(projects_read);
type Absent = scope!();

fn main() {
    list();
    get(RequireScope::new());
}
