use comfy_table::Cell;
use keyward::clock::Timestamp;
use keyward::manage::Found;

use super::list::Columns;
use super::{harmless, scopes};

pub(crate) const HYGIENE: Columns<8> = Columns {
    titles: ["id", "name", "findings", "scopes", "workspace", "created", "expires", "last used"],
    whole: &[0],
    spare: &[4, 3, 6, 7, 5],
};

/// A key about which there is something to say, in a list.
pub(crate) fn found(found: &Found, now: Timestamp) -> [Cell; 8] {
    let record = &found.record;
    let text = |text: &str| Cell::new(harmless(text));
    let or_never = |at: Option<Timestamp>| {
        Cell::new(at.map_or_else(|| "never".to_owned(), |at| at.seen_from(now)))
    };
    let words = found.findings.iter().map(|finding| finding.as_str().replace('_', " "));
    [
        text(record.id.as_str()),
        text(&record.name),
        text(&words.collect::<Vec<_>>().join(", ")),
        text(&scopes(&record.grant)),
        text(&record.workspace),
        or_never(Some(record.created_at)),
        or_never(record.expires_at),
        or_never(record.last_used_at),
    ]
}
