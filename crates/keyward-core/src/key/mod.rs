//! What a key is: the secret, its digest, the record a store keeps, the scopes it grants.

mod catalogue;
mod digest;
mod expression;
mod literal;
mod networks;
mod plain;
mod record;
mod scope;
mod text;

pub use catalogue::Catalogue;
#[doc(hidden)]
pub use catalogue::assert_declared;
pub use digest::{KeyDigest, Pepper, Peppers, StoredDigest};
pub use expression::{ExpressionError, check_expression, first_alternative, satisfied};
pub(crate) use expression::{holds, tokens};
pub use literal::{Literal, Str};
pub use networks::{InvalidNetworks, Networks};
pub use plain::PlainKey;
pub use record::{Creator, KeyId, KeyRecord, KeyState, Resources};
pub use scope::{Grant, InvalidScope, Scope, ScopeSet};
pub use text::check_text;
