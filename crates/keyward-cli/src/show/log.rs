use comfy_table::{Cell, Color};
use keyward::audit::{Act, AuditEntry};
use keyward::key::Creator;

use super::harmless;
use super::list::Columns;

pub(crate) const LOG: Columns<10> = Columns {
    titles: [
        "when",
        "act",
        "key",
        "name",
        "by",
        "changed",
        "from",
        "request",
        "workspace",
        "number",
    ],
    whole: &[0, 2],
    spare: &[7, 8, 6, 9, 3, 5, 4],
};

/// An entry of the audit trail in a list.
pub(crate) fn entry(entry: &AuditEntry) -> [Cell; 10] {
    let text = |text: &str| Cell::new(harmless(text));
    let by = match &entry.by {
        Some(Creator::Person(name)) => name.clone(),
        Some(Creator::Key(id)) => format!("key {id}"),
        None => String::new(),
    };
    let mut changed = entry.fields.join(" ");
    if let Some(other) = &entry.counterpart {
        let direction = if entry.act == Act::Rotated { "into" } else { "from" };
        changed = format!("{direction} {other}");
    }
    let color = match entry.act {
        Act::Revoked | Act::Deleted => Color::Red,
        Act::Created | Act::Imported | Act::Reactivated => Color::Green,
        _ => Color::Yellow,
    };
    [
        Cell::new(entry.at),
        Cell::new(entry.act.as_str()).fg(color),
        text(entry.key.as_str()),
        text(&entry.name),
        text(&by),
        text(&changed),
        Cell::new(entry.origin.address.map(|it| it.to_string()).unwrap_or_default()),
        text(entry.origin.request_id.as_deref().unwrap_or_default()),
        text(&entry.workspace),
        Cell::new(entry.number.map(|number| number.to_string()).unwrap_or_default()),
    ]
}
