use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyRecord, PlainKey};

use crate::Result;

/// The scope that the handlers ask for.
pub(crate) const SCOPE: &str = "projects-read";

/// New keys and their records, of the shape that a service has.
pub(crate) fn make() -> Result<Vec<(PlainKey, KeyRecord)>> {
    let dialect = Dialect::standard();
    let kind = dialect.kind_id("live").ok_or("the dialect has no such kind")?;
    let now = Timestamp::from_millis(1_767_693_600_000);
    let make = |_| {
        let workspace = dialect.new_key_id(now);
        let record = KeyRecord::new(dialect.new_key_id(now), workspace.as_str(), "live")
            .with_name("production-upload-07")
            .with_grant(Grant::Only("projects-read projects-write".parse()?));
        Ok((dialect.issue(kind)?, record))
    };
    (0..1_000).map(make).collect()
}
