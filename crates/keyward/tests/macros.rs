//! What the macros make of a text, at run time.

use std::any::TypeId;
use std::marker::PhantomData;

use keyward::key::{Catalogue, Literal};
use keyward::{Scope, scope, scoped};

struct RequireScope<S: Literal>(PhantomData<S>);

macro_rules! assert_names {
    ($($length:literal: $text:literal,)*) => {
        $(
            assert_eq!(<scope!($text) as Literal>::NAME, $text);
            assert_eq!($text.len(), $length);
        )*
    };
}

#[test]
fn a_type_is_named_as_its_text_at_every_length_around_a_word() {
    assert_names! {
        1: "a",
        15: "E1zMP9.xk3T7oQ4",
        16: "V!b2Y#c8K$d5W%e1",
        17: "m&N'o(P)q*R+s,T-u",
        31: "0123456789abcdef0123456789abcde",
        32: "files:read | files/write | https",
        33: "projects-read projects-write | xy",
        63: "=a?b@c[d]e^f_g`h{i}j~ =a?b@c[d]e^f_g`h{i}j~ | AaBbCcDdEeFfGgHhI",
        127: "projects-read members-read files-read invoices-read | projects-write members-write \
         files-write invoices-write | administrator o",
        128: "projects-read members-read files-read invoices-read | projects-write members-write \
         files-write invoices-write | administrator ow",
    }
}

#[test]
fn two_uses_of_one_text_are_one_type_and_two_texts_are_two() {
    #[scoped]
    fn with_literal(_: RequireScope<"projects-read">) {}

    #[scoped(Permission)]
    fn with_catalogue(_: RequireScope<"projects-read">) {}

    with_literal(RequireScope::<scope!("projects-read")>(PhantomData));
    with_catalogue(RequireScope::<scope!("projects-read")>(PhantomData));
    assert_ne!(TypeId::of::<scope!("projects-read")>(), TypeId::of::<scope!("projects-reae")>());
    assert_ne!(TypeId::of::<scope!("a")>(), TypeId::of::<scope!("a ")>());
}

#[derive(Scope)]
enum Permission {
    /// See projects
    /// and their members.
    ///
    /// Not their bills.
    ProjectsRead,
    #[scope("upload:initiate")]
    Upload,
    r#Type,
}

#[test]
fn a_catalogue_lists_names_and_the_first_paragraph_of_their_documentation() {
    assert_eq!(
        Permission::SCOPES,
        [
            ("projects-read", "See projects and their members."),
            ("upload:initiate", ""),
            ("type", ""),
        ],
    );
}

#[test]
fn a_variant_is_named_as_in_the_catalogue() {
    assert_eq!(Permission::ProjectsRead.as_str(), "projects-read");
    assert_eq!(Permission::Upload.as_str(), "upload:initiate");
}
