//! A store that loses its last commits, as a failover to a replica that was behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use keyward_core::key::{KeyDigest, KeyId, KeyRecord};
use keyward_core::store::{
    Answers, Change, ChangeFeed, ChangeTable, Changes, KeyLookup, Operation, Position, StoreError,
};
use keyward_core::verify::RejectionKind;

use crate::support::{cached, eventually, refusal, unknown, verifier, warm};

/// Where both histories stand.
const COMMON: Position = Position { seq: 6, mark: 6 };

/// What every key is known by before the loss: one commit more, of which no poll hears.
const LOST: Position = Position { seq: 7, mark: 7 };

#[derive(Clone)]
struct Lossy {
    table: Arc<ChangeTable>,
    /// Where others have come to since, with changes of a key of theirs.
    head: Position,
    lost: Arc<AtomicBool>,
    polls: Arc<AtomicUsize>,
}

#[async_trait]
impl KeyLookup for Lossy {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        Ok(self.lookup_many(&[*digest]).await?.records.remove(0))
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        let record = KeyRecord::new(KeyId::new("key_1"), "acme", "secret");
        Ok(if self.lost.load(Ordering::SeqCst) {
            Answers { records: vec![None; digests.len()], as_of: Some(self.head) }
        } else {
            Answers { records: vec![Some(record); digests.len()], as_of: Some(LOST) }
        })
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl ChangeFeed for Lossy {
    fn table(&self) -> &Arc<ChangeTable> {
        &self.table
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        self.polls.fetch_add(1, Ordering::SeqCst);
        match position {
            None => Ok(Changes::Lost { head: COMMON }),
            Some(position) if self.lost.load(Ordering::SeqCst) => {
                let change = |seq| Change {
                    seq,
                    mark: self.head.mark,
                    id: KeyId::new("key_2"),
                    digest: KeyDigest::sha256(b"another key"),
                    operation: Operation::Updated,
                };
                let changes = (position.seq + 1..=self.head.seq).map(change).collect();
                Ok(Changes::Since { changes, head: self.head, more: false, awaited: 0 })
            }
            Some(_) => Err(StoreError::unavailable("not yet")),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learnt_from_a_lost_commit_is_forgotten() {
    assert_forgotten(COMMON).await;
}

/// The number of the lost commit is that of another one, or was, before a poll comes there.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_learnt_from_a_lost_commit_is_forgotten_also_when_others_go_on_from_there() {
    for seq in [LOST.seq, LOST.seq + 1, LOST.seq + 500] {
        assert_forgotten(Position { seq, mark: 8 }).await;
    }
}

async fn assert_forgotten(head: Position) {
    let (lost, polls) = (Arc::default(), Arc::default());
    let store = Lossy { table: ChangeTable::new(), head, lost, polls };
    let verifier = verifier(store.clone());
    let key = &*unknown(1);
    warm(&verifier, key).await;
    assert_eq!(refusal(&verifier, key).await, None);

    store.lost.store(true, Ordering::SeqCst);
    store.table.wake();
    eventually("the key is gone with its commit", async || {
        refusal(&verifier, key).await == Some(RejectionKind::Unknown)
    })
    .await;
    // It happens once: the sequence that is left counts, and what it says is kept.
    warm(&verifier, key).await;
    let polls = store.polls.load(Ordering::SeqCst);
    eventually("two more polls", async || {
        store.table.wake();
        store.polls.load(Ordering::SeqCst) >= polls + 2
    })
    .await;
    assert!(cached(&verifier, key).is_some());
}
