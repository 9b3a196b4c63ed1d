use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyDigest, KeyId, KeyRecord, StoredDigest};
use keyward::store::{KeyStore, SqliteStore, Write};

use super::Result;

pub(super) const KEYS: u32 = 1_000_000;
pub(super) const WORKSPACE: &str = "a3f1c2d4-5b6e-4f7a-9c8d-123456789abc";
const BATCH: u32 = 10_000;
/// January 2026, and a second between a key and the next.
const START: i64 = 1_767_225_600_000;

/// Makes the keys, and says which of them are active.
pub(super) async fn fill(store: &SqliteStore, dialect: &Dialect) -> Result<Vec<KeyId>> {
    let mut active = Vec::new();
    for first in (0..KEYS).step_by(BATCH as usize) {
        let mut writes = Vec::with_capacity(BATCH as usize);
        for number in first..first + BATCH {
            let record = record(dialect, number)?;
            if record.revoked_at.is_none() {
                active.push(record.id.clone());
            }
            let digest = StoredDigest::new(KeyDigest::sha256(&number.to_le_bytes()), None);
            writes.push(Write::Insert { digest, record: Box::new(record) });
        }
        store.commit(writes).await?;
        eprint!("\r{} of {KEYS} keys", first + BATCH);
    }
    eprintln!();
    Ok(active)
}

fn record(dialect: &Dialect, number: u32) -> Result<KeyRecord> {
    let created_at = Timestamp::from_millis(START + i64::from(number) * 1_000);
    let mut record = KeyRecord::new(dialect.new_key_id(created_at), WORKSPACE, "live")
        .with_name(format!("integration {number:>8}"))
        .with_grant(Grant::Only("projects-read projects-write".parse()?))
        .with_revoked_at(number.is_multiple_of(10).then_some(created_at));
    record.mask = format!("kw_live_{:04}...wxyz", number % 10_000);
    record.created_at = created_at;
    record.updated_at = created_at;
    Ok(record)
}
