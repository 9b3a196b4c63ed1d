use comfy_table::Cell;
use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::KeyRecord;

use super::list::Columns;
use super::{color, harmless, scopes};

/// A narrow terminal does without kind, workspace, mask, last use, creation: `keyward keys show` has
/// it all.
pub(crate) const KEYS: Columns<10> = Columns {
    titles: [
        "id",
        "name",
        "workspace",
        "kind",
        "mask",
        "scopes",
        "status",
        "created",
        "expires",
        "last used",
    ],
    whole: &[0],
    spare: &[3, 2, 4, 9, 7],
};

/// A key in a list.
pub(crate) fn key(record: &KeyRecord, dialect: &Dialect, now: Timestamp) -> [Cell; 10] {
    let state = dialect.state_of(record, now);
    let text = |text: &str| Cell::new(harmless(text));
    let instant = |at: Option<Timestamp>, none: &str| {
        Cell::new(at.map_or_else(|| none.to_owned(), |at| at.seen_from(now)))
    };
    // In a rotation's grace a key ends sooner than it expires.
    let end = dialect.end_of(record).into_iter().chain(record.revoked_at).min();
    [
        text(record.id.as_str()),
        text(&record.name),
        text(&record.workspace),
        text(&record.kind),
        text(&record.mask),
        text(&scopes(&record.grant)),
        Cell::new(state.as_str()).fg(color(state)),
        instant(Some(record.created_at), ""),
        instant(end, "never"),
        instant(record.last_used_at, "never"),
    ]
}
