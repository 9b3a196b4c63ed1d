use std::num::NonZeroU32;
use std::sync::Arc;

use futures_util::future::join_all;
use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyRecord};
use keyward::verify::{ApiKey, Check, HeaderValues, Rejection, RequestHead, Verifier};
use tokio::runtime::{Builder, Runtime};

use crate::Result;

/// What stands before the key in `Authorization`.
pub(crate) const SCHEME: &str = "Bearer ";

const KIND: &str = "live";

/// The head of a request: the value of its `Authorization`.
pub(crate) struct Head<'a>(pub(crate) &'a [u8]);

impl RequestHead for Head<'_> {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        if name == "authorization" { HeaderValues::One(self.0) } else { HeaderValues::None }
    }

    fn query(&self) -> Option<&str> {
        None
    }
}

/// What everybody's record of a key looks like; the value of the bare moka cache.
#[expect(dead_code, reason = "a record takes its place in memory, whoever reads it")]
pub(crate) struct Record {
    id: String,
    workspace: String,
    name: String,
    scopes: Vec<String>,
    mask: String,
    expires_at: Option<i64>,
}

impl Record {
    pub(crate) fn shared() -> Arc<Self> {
        let record = record();
        Arc::new(Self {
            id: record.id.as_str().to_owned(),
            workspace: record.workspace,
            name: record.name,
            scopes: vec!["projects-read".to_owned(), "projects-write".to_owned()],
            mask: record.mask,
            expires_at: None,
        })
    }

    /// Looks at the value itself, as verifying does, and not at its texts.
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|expires| expires <= now)
    }
}

/// A record as a service has them: ids of 36 characters, a name of 20, two scopes of 14.
pub(crate) fn record() -> KeyRecord {
    let dialect = Dialect::standard();
    let now = Timestamp::from_millis(1_767_693_600_000);
    let workspace = dialect.new_key_id(now);
    let mut record = KeyRecord::new(dialect.new_key_id(now), workspace.as_str(), KIND)
        .with_name("production-upload-07");
    if let Ok(scopes) = "projects-read projects-write".parse() {
        record = record.with_grant(Grant::Only(scopes));
    }
    "kw_live_0Abc...wxyz".clone_into(&mut record.mask);
    record
}

/// The same with a limit, which nobody reaches.
pub(crate) fn limited() -> KeyRecord {
    let mut record = record();
    record.rate_limit_per_min = Some(NonZeroU32::MAX);
    record
}

/// The values of `Authorization` with so many new keys.
pub(crate) fn heads(keys: u32) -> Result<Vec<Vec<u8>>> {
    let dialect = Dialect::standard();
    let kind = dialect.kind_id(KIND).ok_or("the dialect has no such kind")?;
    (0..keys).map(|_| Ok(format!("{SCHEME}{}", dialect.issue(kind)?.expose()).into())).collect()
}

/// What the cache says of a head; `None` when the store would have to be asked.
pub(crate) fn cached(
    verifier: &Verifier,
    head: &[u8],
) -> Option<std::result::Result<ApiKey, Rejection>> {
    match verifier.check(&Head(head)) {
        Check::Done(verdict) => Some(verdict),
        Check::Pending(_) => None,
    }
}

/// Verifies all, many at a time, and counts those that were let in.
pub(crate) async fn verify_all<H: AsRef<[u8]>>(verifier: &Verifier, heads: &[H]) -> usize {
    let mut admitted = 0;
    for heads in heads.chunks(512) {
        let heads: Vec<Head<'_>> = heads.iter().map(|head| Head(head.as_ref())).collect();
        let verdicts = join_all(heads.iter().map(|head| verifier.verify(head))).await;
        admitted += verdicts.iter().filter(|verdict| verdict.is_ok()).count();
    }
    admitted
}

/// One thread, so that what is measured is all that runs.
pub(crate) fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_time().build()?)
}
