use std::num::NonZeroU32;

use keyward::clock::Timestamp;
use keyward::dialect::{Dialect, Kind};
use keyward::key::{Grant, KeyRecord, PlainKey};

use crate::Result;

/// The scope that the handlers ask for.
pub(crate) const SCOPE: &str = "projects-read";

/// New keys and their records, of the shape that a service has.
pub(crate) fn make(
    dialect: &Dialect,
    limit: Option<NonZeroU32>,
) -> Result<Vec<(PlainKey, KeyRecord)>> {
    let kind = dialect.kinds().first().map(Kind::name).unwrap_or_default();
    let kind = dialect.kind_id(kind).ok_or("the dialect has no kind")?;
    let now = Timestamp::from_millis(1_767_693_600_000);
    let make = |_| {
        let workspace = dialect.new_key_id(now);
        let mut record =
            KeyRecord::new(dialect.new_key_id(now), workspace.as_str(), dialect.kind(kind).name())
                .with_name("production-upload-07")
                .with_grant(Grant::Only("projects-read projects-write".parse()?));
        record.rate_limit_per_min = limit;
        Ok((dialect.issue(kind)?, record))
    };
    (0..1_000).map(make).collect()
}
