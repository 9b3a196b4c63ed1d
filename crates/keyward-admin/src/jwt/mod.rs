//! People who come with a JWT, beside the keys of programs.
//!
//! A [`JwtGuard`] verifies `Authorization: Bearer <jwt>` against the keys of an issuer, a [`Jwks`]
//! (RFC 7517) in a file or at an address, and hands the token's [`Claims`] on. It stands behind
//! `ApiKeyAuth::or`, so it is asked only about what cannot be a key.
//!
//! What it takes (RFC 7519, and the advice of RFC 8725):
//!
//! - A signature by a key of the set that the token names with `kid`, in the algorithm of that key:
//!   RS256 where an RSA key names none, PS256 where it says so, ES256 for P-256, `EdDSA` for
//!   Ed25519. Never HS256 or `none`. Keys for encryption are not used.
//! - The one issuer in `iss`, a `sub`, and an `exp` that is not over. `nbf`, where there is one.
//! - With an audience set, an `aud` that holds it. **Without one, a token for anybody is taken**, as
//!   Clerk's session tokens have no `aud`: set it wherever one issuer serves several APIs.
//! - Nothing that the token says about where its key is (`jku`, `jwk`, `x5u`) counts, and a token
//!   with `crit` is refused.
//!
//! Whoever sends another token is refused as an unknown key is, in the dialect's words; the reason is
//! in the log at DEBUG, the token is not. When the issuer's keys are needed and cannot be had, the
//! answer is a 503: an outage never makes a good token bad.
//!
//! The keys of an address are asked for when the first token comes, once a day, and when a token
//! names a key that is not known; never more than once in ten seconds, whatever is sent. Until the
//! next such question a key that the issuer has withdrawn still works. A file is looked at once a
//! second.

mod address;
mod bearer;
mod claims;
mod development;
mod error;
mod file;
mod guard;
mod jwks;
mod keyring;
mod keyset;

pub use claims::Claims;
pub use development::DevelopmentKeys;
pub use error::JwtConfigError;
pub use guard::{JwtGuard, JwtGuardBuilder};
pub use jwks::Jwks;
