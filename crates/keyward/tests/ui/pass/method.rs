#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;
use stand_in::RequireScope;

struct Projects<T>(T);

#[scoped]
impl<T: Clone> Projects<T> {
    async fn list(&self, _key: RequireScope<"projects-read">) {}
}

impl<T> Projects<T> {
    #[scoped]
    #[inline]
    pub(crate) fn names<'a>(&'a mut self, key: RequireScope<"projects-read">) -> &'a str
    where
        T: Clone,
    {
        key.asks_for()
    }
}

fn main() {
    let mut projects = Projects(());
    assert_eq!(projects.names(RequireScope::new()), "projects-read");
    drop(projects.list(RequireScope::new()));
}
