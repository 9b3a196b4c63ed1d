#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;

#[scoped]
mod projects {
    //! Handlers.
    #![allow(dead_code)]

    use crate::stand_in::{self, RequireResource, RequireScope};

    pub struct Arguments {
        key: RequireScope<"projects-read">,
    }

    pub enum Either {
        Read(RequireScope<"projects-read">),
    }

    pub trait Handler {
        fn handle(key: RequireScope<"projects-read">);
    }

    impl From<RequireScope<"projects-write">> for Either {
        fn from(_: RequireScope<"projects-write">) -> Self {
            let key: RequireScope<"projects-read",> = RequireScope::<"projects-read">::new();
            Self::Read(key)
        }
    }

    pub mod inner {
        pub fn nested(
            _: Option<Result<crate::stand_in::RequireScope<"admin">, ()>>,
            _: super::RequireResource<"project_id">,
        ) -> Vec<super::stand_in::RequireScope<r"admin">> {
            let _ = |key: super::RequireScope<"admin">| key.asks_for();
            vec![super::RequireScope::<"admin">::new()]
        }
    }
}

fn main() {
    let key: Vec<stand_in::RequireScope<keyward::scope!("admin")>> =
        projects::inner::nested(None, stand_in::RequireResource(Default::default()));
    assert_eq!(key[0].asks_for(), "admin");
}
