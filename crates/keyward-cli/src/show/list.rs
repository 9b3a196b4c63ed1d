use comfy_table::{Attribute, Cell, ColumnConstraint, Row, Table, Width};

use super::table;

/// The columns of a list.
pub(crate) struct Columns<const N: usize> {
    pub(super) titles: [&'static str; N],
    /// Those that stay whole, to be copied.
    pub(super) whole: &'static [usize],
    /// Those that a narrow terminal does without, beginning with the first.
    pub(super) spare: &'static [usize],
}

/// So many characters of a value are enough to tell it from others.
const READABLE: u16 = 16;
/// Blanks between two columns.
const GAP: u16 = 2;

/// A table for people, page by page. On a terminal each page is a table of its own, cut to the
/// terminal's width; elsewhere all are one, whose columns never get narrower.
pub(crate) struct List<const N: usize> {
    columns: &'static Columns<N>,
    widths: Option<Vec<u16>>,
}

impl<const N: usize> List<N> {
    pub(crate) fn of(columns: &'static Columns<N>) -> Self {
        Self { columns, widths: None }
    }

    /// The lines of one page.
    pub(crate) fn page(&mut self, rows: impl Iterator<Item = [Cell; N]>) -> String {
        let mut table = table();
        let is_cut = table.width().is_some();
        if is_cut || self.widths.is_none() {
            let bold = |title| Cell::new(title).add_attribute(Attribute::Bold);
            table.set_header(row(self.columns.titles.map(bold), is_cut));
        }
        table.add_rows(rows.map(|cells| row(cells, is_cut)));
        for column in table.column_iter_mut() {
            column.set_padding((0, GAP));
        }
        match table.width() {
            Some(width) => self.columns.fit(&mut table, width),
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

impl<const N: usize> Columns<N> {
    /// Cuts a table to the terminal. No column gets so narrow that it says nothing: some give way
    /// before.
    fn fit(&self, table: &mut Table, width: u16) {
        let mut widths = table.column_max_content_widths();
        for (index, width) in widths.iter_mut().enumerate() {
            if !self.whole.contains(&index) {
                *width = (*width).min(READABLE);
            }
        }
        let mut total: u32 = widths.iter().map(|width| u32::from(*width) + u32::from(GAP)).sum();
        for &index in self.spare {
            if total <= width.into() {
                break;
            }
            if let Some(column) = table.column_mut(index) {
                column.set_constraint(ColumnConstraint::Hidden);
            }
            total -= u32::from(widths[index] + GAP);
        }
        for &index in self.whole {
            if let Some(column) = table.column_mut(index) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
}

/// A row, of one line where it is cut.
fn row<const N: usize>(cells: [Cell; N], is_cut: bool) -> Row {
    let mut row = Row::from(cells);
    if is_cut {
        row.max_height(1);
    }
    row
}
