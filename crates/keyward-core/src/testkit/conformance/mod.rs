//! One function a behaviour: it returns when the store has it, and panics with what is wrong.
//!
//! Each takes what opens one new, empty store; every call opens it as another process would.

#![expect(clippy::panic, clippy::expect_used, reason = "a failed assertion is how a test reports")]
#![allow(clippy::missing_panics_doc, reason = "every function here panics, and says so above")]

mod audit;
mod feed;
mod instances;
mod list;
mod lookup;
mod text;
mod uses;
mod write;

pub use audit::*;
pub use feed::*;
pub use instances::*;
pub use list::*;
pub use lookup::*;
pub use text::*;
pub use uses::*;
pub use write::*;

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
use crate::store::{
    Change, ChangeFeed, Changes, KeyStore, Position, StoreError, StoreErrorKind, Write,
};

/// A small record whose id and digest follow from a number.
fn record(number: usize) -> KeyRecord {
    let mut record = KeyRecord::new(id(number), "acme", "secret").with_name(format!("{number}"));
    record.created_at =
        Timestamp::from_millis(1_700_000_000_000 + i64::try_from(number / 3).expect("small"));
    record
}

fn id(number: usize) -> KeyId {
    KeyId::new(format!("key_{number:05}"))
}

fn digest(number: usize) -> KeyDigest {
    KeyDigest::sha256(format!("the key of number {number}").as_bytes())
}

fn insert(number: usize) -> Write {
    insert_as(number, record(number))
}

fn insert_as(number: usize, record: KeyRecord) -> Write {
    Write::Insert { digest: StoredDigest::new(digest(number), None), record: Box::new(record) }
}

/// The next version of this record under another name.
fn rename(record: &KeyRecord, name: &str) -> Write {
    let mut renamed = record.clone().with_name(name);
    renamed.version += 1;
    Write::Replace { record: Box::new(renamed), expected: record.version }
}

async fn commit(store: &impl KeyStore, writes: Vec<Write>) {
    store.commit(writes).await.expect("the store takes what nothing speaks against");
}

fn assert_refused<T>(result: Result<T, StoreError>, kind: StoreErrorKind) {
    match result {
        Ok(_) => panic!("the store did what it has to refuse with {kind:?}"),
        Err(error) => assert_eq!(error.kind(), kind, "{error}"),
    }
}

async fn found(store: &impl KeyStore, number: usize) -> Option<KeyRecord> {
    store.lookup(&digest(number)).await.expect("the store answers")
}

fn feed_of(store: &impl KeyStore) -> Arc<dyn ChangeFeed> {
    store.feed().expect("a key store keeps a sequence of its changes")
}

/// Where the sequence stands.
async fn head(store: &impl KeyStore) -> Position {
    match feed_of(store).changes_since(None).await.expect("the store answers") {
        Changes::Lost { head } => head,
        Changes::Since { .. } => panic!("without a position nothing was known before: `Lost`"),
    }
}

/// All changes after a position, from as many pages as there are.
async fn changes_after(store: &impl KeyStore, mut position: Position) -> Vec<Change> {
    let feed = feed_of(store);
    let mut all = Vec::new();
    loop {
        match feed.changes_since(Some(position)).await.expect("the store answers") {
            Changes::Since { changes, head, more, .. } => {
                assert!(changes.len() <= 1_000, "{} changes in one page", changes.len());
                assert!(!more || !changes.is_empty(), "a page without a change promises more");
                let last = changes.last().map_or(position.seq, |change| change.seq);
                assert_eq!(head.seq, last, "the head is the place of the page's last change");
                all.extend(changes);
                position = head;
                if !more {
                    return all;
                }
            }
            Changes::Lost { .. } => panic!("{position:?} is part of the sequence, not lost"),
        }
    }
}
