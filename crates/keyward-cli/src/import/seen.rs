use std::collections::HashMap;
use std::collections::hash_map::Entry;

use keyward::key::KeyDigest;
use keyward::manage::ImportKey;

use super::faults::Fault;

/// What stood in which line of a file: forty bytes for each digest, and for each id, of which only
/// the digest is kept.
#[derive(Default)]
pub(super) struct Seen {
    digests: HashMap<KeyDigest, u64>,
    ids: HashMap<KeyDigest, u64>,
}

impl Seen {
    /// Refuses what an earlier line has.
    pub(super) fn add(&mut self, line: u64, key: &ImportKey) -> Result<(), Fault> {
        once(&mut self.digests, key.digest.digest, line, "digest")?;
        let id = key.id.as_ref().map(|id| KeyDigest::sha256(id.as_str().as_bytes()));
        id.map_or(Ok(()), |id| once(&mut self.ids, id, line, "id"))
    }
}

fn once(
    seen: &mut HashMap<KeyDigest, u64>,
    what: KeyDigest,
    line: u64,
    field: &'static str,
) -> Result<(), Fault> {
    match seen.entry(what) {
        Entry::Vacant(entry) => {
            entry.insert(line);
            Ok(())
        }
        Entry::Occupied(first) => {
            let first = first.get();
            Err(Fault::of(field, format!("line {first} has the same one: a key stands here once")))
        }
    }
}
