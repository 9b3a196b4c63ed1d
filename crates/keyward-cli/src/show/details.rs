use comfy_table::{Attribute, Cell};
use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Creator, KeyRecord, Resources};

use super::{color, harmless, scopes, table};

/// A record for people: a line for each thing that there is to say.
pub(crate) fn details(record: &KeyRecord, dialect: &Dialect, now: Timestamp) -> String {
    let state = dialect.state_of(record, now);
    let mut table = table();
    let mut line = |title: &str, cell: Cell| {
        table.add_row([Cell::new(title).add_attribute(Attribute::Bold), cell]);
    };
    let text = |text: &str| Cell::new(harmless(text));
    let instant = |at: Timestamp| Cell::new(format!("{at} ({})", at.seen_from(now)));
    let or_never = |at: Option<Timestamp>| at.map_or_else(|| Cell::new("never"), instant);

    line("id", text(record.id.as_str()));
    line("name", text(&record.name));
    if let Some(description) = &record.description {
        line("description", text(description));
    }
    line("workspace", text(&record.workspace));
    line("kind", text(&record.kind));
    line("mask", text(&record.mask));
    line("scopes", text(&scopes(&record.grant)));
    if let Resources::Only(ids) = &record.resources {
        line("resources", text(&ids.join(" ")));
    }
    if let Some(limit) = record.rate_limit_per_min {
        line("rate limit", Cell::new(format!("{limit} a minute")));
    }
    if let Some(networks) = &record.networks {
        line("networks", Cell::new(networks));
    }
    line("status", Cell::new(state.as_str()).fg(color(state)));
    match &record.created_by {
        Some(Creator::Person(name)) => line("created by", text(name)),
        Some(Creator::Key(id)) => line("created by", text(&format!("key {id}"))),
        None => {}
    }
    line("created", instant(record.created_at));
    line("updated", instant(record.updated_at));
    line("expires", or_never(record.expires_at));
    if let Some(at) = record.revoked_at {
        line("revoked", instant(at));
    }
    line("last used", or_never(record.last_used_at));
    if let Some(id) = &record.rotated_to {
        line("rotated to", text(id.as_str()));
    }
    for (column, padding) in table.column_iter_mut().zip([(0, 2), (0, 0)]) {
        column.set_padding(padding);
    }
    table.trim_fmt()
}
