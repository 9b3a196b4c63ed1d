#![deny(warnings)]

#[path = "../stand_in.rs"]
mod stand_in;

use keyward::{Scope, scope, scoped};
use stand_in::{RequireResource, RequireScope};

// Not named as macros would guess: what they write must not depend on what is imported.
type Option = ();
type Result = ();

/// Everything.
#[derive(Scope)]
pub(crate) enum Permission {
    ProjectsRead,
    r#Type,
    #[scope("upload:initiate")]
    Upload,
}

#[scoped(Permission)]
pub fn list(key: RequireScope<"projects-read">) -> &'static str {
    key.asks_for()
}

#[scoped(crate::Permission)]
pub mod uploads {
    use crate::stand_in::{RequireResource, RequireScope};

    pub fn start(
        _: RequireScope<"upload:initiate projects-read | type">,
        _: RequireResource<"project_id">,
    ) {
    }
}

struct Projects<T>(T);

impl<T> Projects<T> {
    #[scoped(self::Permission)]
    fn get(&self, key: RequireScope<"projects-read">) -> &T {
        let _: RequireScope<"projects-read"> = key;
        &self.0
    }
}

fn main() {
    let (_, _): (Option, Result) = ((), ());
    // The type is the same with and without a catalogue.
    assert_eq!(list(RequireScope::<scope!("projects-read")>::new()), "projects-read");
    uploads::start(RequireScope::new(), RequireResource(Default::default()));
    Projects(()).get(RequireScope::new());
    assert_eq!(Permission::r#Type.as_str(), "type");
}
