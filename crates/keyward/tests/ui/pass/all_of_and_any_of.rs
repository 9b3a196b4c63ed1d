#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;
use stand_in::RequireScope;

#[scoped]
fn all_of(key: RequireScope<"projects-read members-read">) -> &'static str {
    key.asks_for()
}

#[scoped]
fn any_of(key: RequireScope<"projects-write | projects-read members-read">) -> &'static str {
    key.asks_for()
}

fn main() {
    assert_eq!(all_of(RequireScope::new()), "projects-read members-read");
    assert_eq!(any_of(RequireScope::new()), "projects-write | projects-read members-read");
}
