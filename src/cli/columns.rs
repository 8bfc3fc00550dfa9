//! Lists as aligned columns.

use crate::report::escape::{clean, cut};

/// Characters that one cell shows.
const CELL_CHARS_MAX: usize = 80;

/// To which side the cells of a column are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Rows under a heading.
pub(super) struct Columns {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    /// A heading; what it names stands below it.
    pub(super) fn new(heading: &[(&str, Side)]) -> Self {
        let names = heading.iter().map(|(name, _)| (*name).to_owned()).collect();
        Self { sides: heading.iter().map(|(_, side)| *side).collect(), rows: vec![names] }
    }

    /// A row with as many cells as the heading.
    pub(super) fn row(&mut self, cells: &[String]) {
        let cell = |text: &String| cut(&clean(text), CELL_CHARS_MAX).into_owned();
        self.rows.push(cells.iter().map(cell).collect());
    }

    /// The whole as text.
    pub(super) fn render(&self) -> String {
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.sides.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).zip(&self.sides).map(|((cell, width), side)| match side {
                Side::Left => format!("{cell:width$}"),
                Side::Right => format!("{cell:>width$}"),
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            format!("{}\n", line.trim_end())
        };
        self.rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_their_heading() {
        let mut columns = Columns::new(&[("name", Side::Left), ("count", Side::Right), ("", Side::Left)]);
        columns.row(&["a\x1b".to_owned(), "7".to_owned(), String::new()]);
        columns.row(&["longer name".to_owned(), "123456".to_owned(), "x".to_owned()]);
        let expected = "name          count\na\\u{1b}           7\nlonger name  123456  x\n";
        assert_eq!(columns.render(), expected);
    }
}
