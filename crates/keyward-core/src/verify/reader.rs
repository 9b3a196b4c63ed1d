use std::sync::Arc;

use super::cache::{Known, Proof};
use super::identity::Identity;
use super::recorder::Recorder;
use crate::clock::Now;
use crate::dialect::Dialect;
use crate::key::KeyRecord;
use crate::limit::Table;
use crate::usage::Counters;

/// Makes of a store's records what is kept of them.
pub(super) struct Reader {
    pub(super) dialect: Dialect,
    pub(super) limits: Table,
    /// Where it is recorded how keys are used.
    pub(super) recorder: Option<Arc<Recorder>>,
}

impl Reader {
    /// Nothing, for a record whose kind is none of the dialect's or whose texts are too long.
    pub(super) fn read(&self, record: KeyRecord, proof: Proof, now: Now) -> Option<Arc<Known>> {
        let kind = self.dialect.kind_id(&record.kind)?;
        let meter = self.limits.meter(&record, &self.dialect, now);
        let idle_until = self.dialect.idle_until(&record);
        let identity = Identity::new(record, kind, meter, idle_until, now.timestamp)?;
        let (uses, dialect) = (Counters::default(), self.dialect.clone());
        let known = Arc::new(Known { proof, identity, uses, dialect });
        if let Some(recorder) = &self.recorder {
            recorder.watch(&known);
        }
        Some(known)
    }
}
