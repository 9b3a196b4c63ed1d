//! From a request's head to a verified key or a rejection.

mod rejection;

pub use rejection::{Rejection, RejectionKind};
