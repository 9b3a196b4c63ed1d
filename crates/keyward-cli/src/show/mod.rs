//! Records as people and as scripts read them.

mod details;
mod hygiene;
mod json;
mod keys;
mod list;
mod log;
mod text;
mod time;

pub(crate) use details::details;
pub(crate) use hygiene::{HYGIENE, found};
pub(crate) use json::record as json;
pub(crate) use keys::{KEYS, key};
pub(crate) use list::{Columns, List};
pub(crate) use log::{LOG, entry};
pub(crate) use text::harmless;

use anstream::{AutoStream, ColorChoice};
use comfy_table::{CellAlignment, Color, ContentArrangement, Table, presets};
use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyRecord};

/// Whether a key is let in at this moment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Active,
    Revoked,
    Expired,
}

impl Status {
    /// As a request with the key would find it.
    fn of(record: &KeyRecord, dialect: &Dialect, now: Timestamp) -> Self {
        if record.is_revoked(now) {
            Self::Revoked
        } else if dialect.end_of(record).is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Active
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    fn color(self) -> Color {
        match self {
            Self::Active => Color::Green,
            Self::Revoked => Color::Red,
            Self::Expired => Color::Yellow,
        }
    }
}

/// A table without lines. It has a width on a terminal that has one, and colours where they are
/// wanted.
fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_truncation_indicator("…");
    if let Some(width) = table.width().filter(|width| *width > 0) {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
    // From here on it looks for no terminal by itself: `NO_COLOR` and its like are not its matter.
    table.force_no_tty();
    if AutoStream::choice(&std::io::stdout()) != ColorChoice::Never {
        table.enforce_styling();
    }
    table
}

/// A table of names and numbers, which stand under one another.
pub(crate) fn numbers<const N: usize>(
    header: [String; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = table();
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn scopes(grant: &Grant) -> String {
    match grant {
        Grant::All => "all".to_owned(),
        Grant::Only(scopes) if scopes.is_empty() => "none".to_owned(),
        Grant::Only(scopes) => scopes.as_str().to_owned(),
    }
}
