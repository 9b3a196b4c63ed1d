//! How many requests a minute a key may send, counted in this process or with others.
//!
//! A minute starts at a key's first request and admits at most the key's limit; the next one starts
//! with the first request after its end. A request counts once its key is verified, whatever the
//! route then says of it. The limit is the key's own
//! ([`rate_limit_per_min`](crate::key::KeyRecord::rate_limit_per_min)) or its dialect's, and a route
//! may ask for one of the dialect's named limits beside it, which is counted apart.
//!
//! What is counted goes by the key's id: it outlives the cache, and a change of the key. A
//! [`Verifier`](crate::verify::Verifier) and its clones count together; two verifiers, and two
//! processes, count by themselves, unless they have
//! [shared limits](crate::verify::VerifierBuilder::with_shared_limits).

mod meter;
mod shared;
mod standing;
mod style;
mod table;
mod tally;
mod window;

pub use shared::{Counted, Hit, SharedLimits};
pub use standing::Standing;
pub use style::{LimitField, LimitStyle};
pub use tally::Tally;

pub(crate) use meter::Meter;
pub(crate) use table::Table;
pub(crate) use window::Window;
