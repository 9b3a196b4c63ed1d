//! Records as people and as scripts read them.

mod details;
mod hygiene;
mod json;
mod keys;
mod list;
mod log;
mod text;

pub(crate) use details::details;
pub(crate) use hygiene::{HYGIENE, found};
pub(crate) use json::record as json;
pub(crate) use keys::{KEYS, key};
pub(crate) use list::{Columns, List};
pub(crate) use log::{LOG, entry};
pub(crate) use text::harmless;

use anstream::{AutoStream, ColorChoice};
use comfy_table::{CellAlignment, Color, ContentArrangement, Table, presets};
use keyward::key::{Grant, KeyState};

/// Good, bad, or over.
fn color(state: KeyState) -> Color {
    match state {
        KeyState::Active => Color::Green,
        KeyState::Revoked => Color::Red,
        KeyState::Expired => Color::Yellow,
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
