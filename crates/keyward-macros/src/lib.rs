//! The macros of keyward; use them through the `keyward` crate.

mod derive;
mod literal;
mod scope;
mod scoped;

use proc_macro::TokenStream;

/// Lets `RequireScope<"…">`, `RequireResource<"…">` and `RequireLimit<"…">` stand in an item, on
/// stable Rust.
///
/// Goes on a function, a method, an `impl` or an inline module, and replaces the text by its
/// type, [`scope!`]`("…")`, wherever the item names one of the two: as an argument, inside other
/// types, in a body.
///
/// ```
/// use keyward::scoped;
/// # use keyward::key::Literal;
/// # struct RequireScope<S>(std::marker::PhantomData<S>);
/// # impl<S: Literal> RequireScope<S> { fn asks_for(&self) -> &str { S::NAME } }
///
/// #[scoped]
/// async fn list_projects(key: RequireScope<"projects-read">) -> String {
///     // …
/// #   key.asks_for().to_owned()
/// }
/// ```
///
/// A space asks for all scopes named, as in OAuth: `"projects-read members-read"`. Alternatives
/// stand between ` | `, which binds weaker: `"projects-write | admin"`.
///
/// # A catalogue
///
/// `#[scoped(Permission)]` also looks each scope up in an enum that derives [`Scope`], so that a
/// misspelled one does not compile:
///
/// ```
/// use keyward::{Scope, scoped};
/// # struct RequireScope<S>(std::marker::PhantomData<S>);
///
/// #[derive(Scope)]
/// enum Permission {
///     ProjectsRead,
/// }
///
/// #[scoped(Permission)]
/// async fn list_projects(key: RequireScope<"projects-read">) {}
/// ```
///
/// ```compile_fail,E0080
/// # use keyward::{Scope, scoped};
/// # struct RequireScope<S>(std::marker::PhantomData<S>);
/// # #[derive(Scope)]
/// # enum Permission {
/// #     ProjectsRead,
/// # }
/// #[scoped(Permission)]
/// async fn list_projects(key: RequireScope<"projects-raed">) {}
/// // `projects-raed` is not a scope of `Permission`: did you mean `projects-read`?
/// ```
///
/// The enum's path is read where the texts stand: for a module, write `crate::Permission` or
/// import it inside.
///
/// # What it does not do
///
/// - It goes by the names `RequireScope`, `RequireResource` and `RequireLimit`. Where they were
///   imported under others, write [`scope!`] by hand. Nor does a catalogue check what is written so.
/// - It stands above attributes that repeat the argument's type, such as
///   `#[axum::debug_handler]`: the compiler expands the upper one first.
/// - An item that asks for nothing is an error, for the attribute looks like a guard.
#[proc_macro_attribute]
pub fn scoped(catalogue: TokenStream, item: TokenStream) -> TokenStream {
    scoped::expand(catalogue.into(), item.into()).into()
}

/// The type of a scope expression: what [`#[scoped]`](macro@scoped) writes, by hand.
///
/// The text has at most 128 bytes. One that is longer, empty, or holds a character that
/// RFC 6749 §3.3 keeps out of a scope does not compile.
///
/// ```
/// use keyward::key::Literal;
/// use keyward::scope;
///
/// type ReadProjects = scope!("projects-read");
/// assert_eq!(ReadProjects::NAME, "projects-read");
/// ```
///
/// ```compile_fail
/// type Quoted = keyward::scope!("projects\"read");
/// ```
#[proc_macro]
pub fn scope(text: TokenStream) -> TokenStream {
    scope::expand(text.into()).into()
}

/// Makes an enum the list of an application's scopes.
///
/// A variant is a scope. Its name is the variant's in kebab-case, or what `#[scope("…")]` says;
/// its description is the first paragraph of its documentation. The enum implements
/// `keyward::key::Catalogue` and gains `const fn as_str(&self) -> &'static str`, the name.
///
/// ```
/// use keyward::Scope;
/// use keyward::key::Catalogue;
///
/// #[derive(Scope)]
/// enum Permission {
///     /// See projects and their members.
///     ProjectsRead,
///     /// Start an upload.
///     #[scope("upload:initiate")]
///     Upload,
/// }
///
/// assert_eq!(Permission::Upload.as_str(), "upload:initiate");
/// assert_eq!(
///     Permission::SCOPES,
///     [
///         ("projects-read", "See projects and their members."),
///         ("upload:initiate", "Start an upload."),
///     ],
/// );
/// ```
///
/// A variant with fields, a name that cannot be a scope and a name given twice do not compile:
///
/// ```compile_fail
/// #[derive(keyward::Scope)]
/// enum Permission {
///     Upload,
///     #[scope("upload")]
///     UploadInitiate,
/// }
/// ```
#[proc_macro_derive(Scope, attributes(scope))]
pub fn derive_scope(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    derive::expand(&input).into()
}
