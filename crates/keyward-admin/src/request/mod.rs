//! What clients send, checked whole: every fault of a request is told at once.

mod body;
mod fields;
mod integer;
mod key;
mod query;

pub(crate) use body::{BodyError, read};
#[cfg(feature = "dashboard")]
pub(crate) use body::{Unread, collect};
pub(crate) use fields::Fields;
pub(crate) use key::key_id;
pub(crate) use query::{Query, Start};

use keyward_core::dialect::management::Fault;

/// The faults of one request. So many are told at most: an answer stays as small as a request.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    const MOST: usize = 50;

    fn push(&mut self, fault: Fault) {
        if self.0.len() < Self::MOST {
            self.0.push(fault);
        }
    }

    /// What was read, if nothing is wrong.
    fn or<T>(self, read: T) -> Result<T, Vec<Fault>> {
        if self.0.is_empty() { Ok(read) } else { Err(self.0) }
    }
}
