use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::store::StoreError;

/// Minutes in which several processes count together.
///
/// A minute starts at a key's first request, by the clock of whoever counts, and admits at most the
/// limit that the request comes with: it may differ from that of the request before, since a key's
/// limit can change. A request that finds no room counts nothing. Each key, dialect and limit has
/// minutes of its own.
///
/// A verifier asks once for each request of a limited key, and once more for each named limit that
/// the route asks for. While it gets no answer in time, each process counts by itself.
#[async_trait]
pub trait SharedLimits: Send + Sync + 'static {
    /// Counts a request, if its minute has room for it.
    ///
    /// # Errors
    /// Any error means that it is not known to be counted.
    async fn count(&self, hit: &Hit<'_>) -> Result<Counted, StoreError>;
}

/// A request that is to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'a> {
    /// The id of its key.
    pub key: &'a str,
    /// The name of the dialect: `[A-Za-z0-9._-]`, 64 bytes at most.
    pub dialect: &'a str,
    /// The name of the limit that the route asks for: `[A-Za-z0-9_-]`, 64 bytes at most. `None` for
    /// the limit of every request.
    pub limit: Option<&'a str>,
    /// Requests a minute.
    pub per_minute: NonZeroU32,
}

/// How a request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Whether there was room for it.
    pub admitted: bool,
    /// Requests that the minute has admitted, this one included.
    pub requests: u32,
    /// When the minute is over, by the calendar of whoever counts: the same for all processes.
    pub ends_at: Timestamp,
    /// In how long the minute is over.
    pub ends_in: Duration,
}
