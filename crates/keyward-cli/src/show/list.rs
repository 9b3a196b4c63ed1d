use comfy_table::{Attribute, Cell, ColumnConstraint, Row, Table, Width};
use keyward::clock::Timestamp;
use keyward::key::KeyRecord;

use super::{color, harmless, scopes, table};

const TITLES: [&str; 10] = [
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
];

/// What a narrow terminal does without, beginning with the first: kind, workspace, mask, last use,
/// creation. `keyward keys show` has it all.
const SPARE: [usize; 5] = [3, 2, 4, 9, 7];
/// So many characters of a value are enough to tell it from others.
const READABLE: u16 = 16;
/// Blanks between two columns.
const GAP: u16 = 2;

/// A table for people, page by page. On a terminal each page is a table of its own, cut to the
/// terminal's width; elsewhere all are one, whose columns never get narrower.
#[derive(Default)]
pub(crate) struct List {
    widths: Option<Vec<u16>>,
}

impl List {
    /// The lines of one page.
    pub(crate) fn page(&mut self, records: &[KeyRecord], now: Timestamp) -> String {
        let mut table = table();
        let is_cut = table.width().is_some();
        if is_cut || self.widths.is_none() {
            let bold = |title| Cell::new(title).add_attribute(Attribute::Bold);
            table.set_header(row(TITLES.map(bold), is_cut));
        }
        for record in records {
            table.add_row(row(cells(record, now), is_cut));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, GAP));
        }
        match table.width() {
            Some(width) => fit(&mut table, width),
            None => self.widen(&mut table),
        }
        table.trim_fmt()
    }

    fn widen(&mut self, table: &mut Table) {
        let mut widths = table.column_max_content_widths();
        for (width, before) in widths.iter_mut().zip(self.widths.iter().flatten()) {
            *width = (*width).max(*before);
        }
        for (column, width) in table.column_iter_mut().zip(&widths) {
            let width = Width::Fixed(width.saturating_add(GAP));
            column.set_constraint(ColumnConstraint::LowerBoundary(width));
        }
        self.widths = Some(widths);
    }
}

/// Cuts a table to the terminal. The id stays whole, to be copied, and no column gets so narrow that
/// it says nothing: some give way before.
fn fit(table: &mut Table, width: u16) {
    let mut widths = table.column_max_content_widths();
    widths.iter_mut().skip(1).for_each(|width| *width = (*width).min(READABLE));
    let mut total: u32 = widths.iter().map(|width| u32::from(*width) + u32::from(GAP)).sum();
    for index in SPARE {
        if total <= width.into() {
            break;
        }
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::Hidden);
        }
        total -= u32::from(widths[index] + GAP);
    }
    if let Some(id) = table.column_mut(0) {
        id.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// A row, of one line where it is cut.
fn row(cells: [Cell; 10], is_cut: bool) -> Row {
    let mut row = Row::from(cells);
    if is_cut {
        row.max_height(1);
    }
    row
}

fn cells(record: &KeyRecord, now: Timestamp) -> [Cell; 10] {
    let state = record.state(now);
    let text = |text: &str| Cell::new(harmless(text));
    let instant = |at: Option<Timestamp>, none: &str| {
        Cell::new(at.map_or_else(|| none.to_owned(), |at| at.seen_from(now)))
    };
    // In a rotation's grace a key ends sooner than it expires.
    let end = record.expires_at.into_iter().chain(record.revoked_at).min();
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
