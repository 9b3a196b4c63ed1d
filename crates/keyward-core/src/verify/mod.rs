//! From a request's head to a verified key or a rejection.

mod rejection;
mod request_id;

pub use rejection::{Rejection, RejectionKind};
pub use request_id::RequestId;
