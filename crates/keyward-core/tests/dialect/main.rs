//! What a dialect promises to the parts that are built on it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// What the module's `error` says of a file in which one text stands in another's place.
macro_rules! sentences {
    ($($test:ident: $from:expr, $to:expr => $sentence:expr;)+) => {
        $(
            #[test]
            fn $test() {
                assert_eq!(error($from, $to), $sentence);
            }
        )+
    };
}

mod bodies;
mod builder;
mod errors;
mod keys;
mod limits;
mod management;
mod mutations;
mod permits;
mod request_ids;
mod scopes;
mod systems;
