//! Records as people and as scripts read them.

mod details;
mod json;
mod list;
mod text;
mod time;

pub(crate) use details::details;
pub(crate) use json::record as json;
pub(crate) use list::List;
pub(crate) use text::harmless;

use comfy_table::{Color, ContentArrangement, Table, presets};
use keyward::clock::Timestamp;
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
    fn of(record: &KeyRecord, now: Timestamp) -> Self {
        if record.is_revoked(now) {
            Self::Revoked
        } else if record.is_expired(now) {
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

/// A table without lines, in the terminal's width and in colour only where that is wanted.
fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_truncation_indicator("…");
    if table.is_tty() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    match anstream::AutoStream::choice(&std::io::stdout()) {
        anstream::ColorChoice::Never => {
            // The width has to be asked for before.
            if let Some(width) = table.width() {
                table.set_width(width);
            }
            table.force_no_tty()
        }
        _ => table.enforce_styling(),
    };
    table
}

fn scopes(grant: &Grant) -> String {
    match grant {
        Grant::All => "all".to_owned(),
        Grant::Only(scopes) if scopes.is_empty() => "none".to_owned(),
        Grant::Only(scopes) => scopes.as_str().to_owned(),
    }
}
