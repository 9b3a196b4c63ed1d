use serde::Deserialize;

/// What becomes of a request whose key is revoked or deleted before it is answered.
///
/// ```
/// use keyward_core::dialect::{Dialect, InFlight};
///
/// assert_eq!(Dialect::standard().in_flight(), InFlight::Finish);
/// let strict = Dialect::builder("strict").in_flight(InFlight::RefuseOnReturn).build()?;
/// assert_eq!(strict.in_flight(), InFlight::RefuseOnReturn);
/// # Ok::<(), keyward_core::dialect::DialectError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InFlight {
    /// It is answered: its key was good when it came.
    #[default]
    Finish,
    /// Its handler ends its work, but the client gets the refusal instead of the response. A
    /// response whose head has left goes on.
    RefuseOnReturn,
    /// Its handler is dropped at once and the client gets the refusal. A response whose head has
    /// left is cut off.
    Cancel,
}
