//! The XML of a record as people read it.
//!
//! ```text
//!   12  <product …>                    the elements around a place stay open
//!    ▸  lines 13 to 40                 what is far from all places is folded away
//!   41      <price>
//!   42        <amount>[12,50]</amount>  the place is marked
//!   43      </price>
//!    …  12,345 characters left out     what there is no room for
//! ```
//!
//! Lines are numbered as in the feed. A long one is broken between its tags and indented, as feeds may have no line
//! ends at all; the number stands at its first piece.

use super::excerpt::meant;
use crate::xml::Encoding;
use std::borrow::Cow;
use std::ops::Range;

/// Bytes of rows that are shown at most, with what a page writes around each.
pub(crate) const SHOWN_BYTES_MAX: usize = 64 << 10;
/// Bytes that a page writes around a row.
const AROUND_ROW_BYTES: usize = 100;
/// A line that is longer is broken between its tags.
const LINE_BYTES_MAX: usize = 200;
/// Bytes of a row, once its line is broken.
const ROW_BYTES_MAX: usize = 1_000;
/// Bytes that are shown before the mark of a row that is cut.
const BEFORE_MARK_BYTES: usize = 200;
/// Rows that stay open before and behind a marked one.
const CONTEXT_ROWS: usize = 3;
/// So many rows are not worth folding.
const FOLD_ROWS_MIN: usize = 3;
/// Rows that are open when nothing is marked.
const UNMARKED_ROWS: usize = 20;
/// Steps that a piece of a line is indented by at most.
const INDENT_MAX: usize = 20;
/// Columns that the first line is moved by at most, so that it stands as in its feed.
const COLUMNS_MAX: u64 = 40;

/// Where a record stands in its feed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordPlace {
    /// Line, from 1.
    pub(crate) line: u64,
    /// Column, from 1.
    pub(crate) column: u64,
    /// Byte, from 0.
    pub(crate) byte: u64,
}

/// A place that is to be marked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// Byte in the feed, from 0.
    pub(crate) byte: u64,
    /// How many characters are meant.
    pub(crate) width: u64,
    /// An attribute begins there, and its value is meant.
    pub(crate) is_value: bool,
}

/// A record, set for reading.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RecordText {
    /// Its stretches, one after the other.
    pub(crate) stretches: Vec<Stretch>,
    /// Characters that are not shown, since it is too large.
    pub(crate) left_out: usize,
}

/// Rows one after the other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Far from all that is marked.
    pub(crate) is_folded: bool,
    /// Line of its first row.
    pub(crate) from: u64,
    /// Line of its last row.
    pub(crate) to: u64,
    /// The rows; none of those that there is no room for.
    pub(crate) rows: Vec<Row>,
    /// Characters of the rows that there is no room for.
    pub(crate) left_out: usize,
}

/// A line, or a piece of a long one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its number in the feed; none of the further pieces of a line.
    pub(crate) line: Option<u64>,
    /// Its text in pieces: whether they are marked, and what.
    pub(crate) pieces: Vec<(bool, String)>,
    /// Which places stand in it: their numbers among those that were asked for.
    pub(crate) marks: Vec<usize>,
    /// Characters of it that are not shown, since it is too long.
    pub(crate) left_out: usize,
}

/// A record of its feed as text, or the file of a corrected one: what is no character is U+FFFD.
pub(crate) fn text<'a>(bytes: &'a [u8], encoding: &str) -> Cow<'a, str> {
    let around = Encoding::from_label(encoding).unwrap_or_default();
    let (encoding, mark) = Encoding::of_part(bytes, around).unwrap_or((around, 0));
    encoding.decode(&bytes[mark..])
}

impl RecordText {
    /// Sets a record that stood at a place of a feed in this encoding.
    pub(crate) fn of(bytes: &[u8], encoding: &str, at: RecordPlace, marks: &[Mark]) -> Self {
        let encoding = Encoding::from_label(encoding).unwrap_or_default();
        let text = encoding.decode(bytes);
        let places = places(bytes, encoding, at.byte, marks, &text);
        let rows = spans(&text, at.line);
        let open = open(&text, &rows, &places);
        let is_line = rows.iter().all(|row| row.line == at.line);
        let indent = if is_line { 0 } else { (at.column - 1).min(COLUMNS_MAX) };
        set(&text, &rows, &places, &open, usize::try_from(indent).unwrap_or_default())
    }
}

/// A place in the decoded text, and the number of its mark.
type Found = (Range<usize>, usize);

/// Where the marks stand in the decoded text, in its order.
fn places(bytes: &[u8], encoding: Encoding, start: u64, marks: &[Mark], text: &str) -> Vec<Found> {
    let within =
        |mark: &Mark| usize::try_from(mark.byte.checked_sub(start)?).ok().filter(|at| *at < bytes.len());
    let mut wanted: Vec<(usize, usize)> =
        marks.iter().enumerate().filter_map(|(number, mark)| Some((within(mark)?, number))).collect();
    wanted.sort_unstable();
    let (mut read, mut decoded) = (0, 0);
    let mut found = Vec::with_capacity(wanted.len());
    for (at, number) in wanted {
        decoded += encoding.decode(&bytes[read..at]).len();
        read = at;
        let from = floor(text, decoded);
        let width = usize::try_from(marks[number].width).unwrap_or(usize::MAX).max(1);
        let (skipped, value) = meant(&text[from..], width, marks[number].is_value).unwrap_or_default();
        if value > 0 {
            let end = text[from + skipped..][..value].find(['\n', '\r']).unwrap_or(value);
            found.push((from + skipped..from + skipped + end, number));
            continue;
        }
        let length = text[from..].char_indices().nth(width).map_or(text.len() - from, |(end, _)| end);
        let end = text[from..from + length].find(['\n', '\r']).map_or(from + length, |end| from + end);
        found.push((from..end, number));
    }
    found
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// A row before it is set.
struct RowSpan {
    line: u64,
    is_first: bool,
    text: Range<usize>,
    indent: usize,
}

/// The rows of a text whose first line has this number.
fn spans(text: &str, first: u64) -> Vec<RowSpan> {
    let mut rows = Vec::new();
    let (mut from, mut line) = (0, first);
    loop {
        let end = text[from..].find(['\n', '\r']).map_or(text.len(), |end| from + end);
        break_line(text, from..end, line, &mut rows);
        if end == text.len() {
            return rows;
        }
        from = end + if text[end..].starts_with("\r\n") { 2 } else { 1 };
        line += 1;
    }
}

/// The rows of one line.
fn break_line(text: &str, span: Range<usize>, line: u64, rows: &mut Vec<RowSpan>) {
    if span.len() <= LINE_BYTES_MAX {
        rows.push(RowSpan { line, is_first: true, text: span, indent: 0 });
        return;
    }
    let (mut from, mut depth) = (span.start, 0_usize);
    while from < span.end {
        let end = text[from..span.end].find("><").map_or(span.end, |at| from + at + 1);
        let piece = &text[from..end];
        if piece.starts_with("</") {
            depth = depth.saturating_sub(1);
        }
        rows.push(RowSpan {
            line,
            is_first: from == span.start,
            text: from..end,
            indent: depth.min(INDENT_MAX),
        });
        depth += usize::from(stays_open(piece));
        from = end;
    }
}

/// Whether an element begins in a piece and does not end there.
fn stays_open(piece: &str) -> bool {
    let begins = piece.strip_prefix('<').is_some_and(|rest| !rest.starts_with(['/', '?', '!']));
    begins && !piece.ends_with("/>") && !piece.contains("</")
}

/// Which rows stay open: those near a mark, those where the elements around it begin, the first and the last.
fn open(text: &str, rows: &[RowSpan], places: &[Found]) -> Vec<bool> {
    let mut open = vec![false; rows.len()];
    let row_at = |at: usize| rows.partition_point(|row| row.text.start <= at).saturating_sub(1);
    let last = rows.len() - 1;
    for (place, _) in places {
        let at = row_at(place.start);
        open[at.saturating_sub(CONTEXT_ROWS)..=(at + CONTEXT_ROWS).min(last)].fill(true);
    }
    for around in around(text, places) {
        open[row_at(around)] = true;
    }
    (open[0], open[last]) = (true, true);
    if places.is_empty() {
        open[..rows.len().min(UNMARKED_ROWS)].fill(true);
    }
    // Few rows between open ones are open, too.
    let mut from = 0;
    while let Some(start) = (from..rows.len()).find(|at| !open[*at]) {
        let end = (start..rows.len()).find(|at| open[*at]).unwrap_or(rows.len());
        if end - start < FOLD_ROWS_MIN {
            open[start..end].fill(true);
        }
        from = end;
    }
    open
}

/// Where the elements around the places begin.
fn around(text: &str, places: &[Found]) -> Vec<usize> {
    let (mut stack, mut found, mut at) = (Vec::new(), Vec::new(), 0);
    for (place, _) in places {
        while let Some(start) =
            text.get(at..place.start).and_then(|before| before.find('<')).map(|start| at + start)
        {
            let Some(end) = markup_end(&text[start..]).map(|end| start + end) else { break };
            let markup = &text[start..end];
            if markup.starts_with("</") {
                stack.pop();
            } else if !markup.starts_with("<!") && !markup.starts_with("<?") && !markup.ends_with("/>") {
                stack.push(start);
            }
            at = end;
        }
        found.extend(&stack);
    }
    found
}

/// Length of the markup that a text begins with.
fn markup_end(text: &str) -> Option<usize> {
    let closed = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
    if let Some((_, end)) = closed.into_iter().find(|(begin, _)| text.starts_with(begin)) {
        return text.find(end).map(|at| at + end.len());
    }
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('>', None) => return Some(at + 1),
            _ => {}
        }
        None
    })
}

/// Sets rows in stretches, as much as may be shown: what is open goes first.
fn set(text: &str, rows: &[RowSpan], places: &[Found], open: &[bool], indent: usize) -> RecordText {
    let shown = shown(rows, open);
    let mut set = RecordText { stretches: Vec::new(), left_out: 0 };
    for (at, span) in rows.iter().enumerate() {
        let kind = if !shown[at] {
            Kind::LeftOut
        } else if open[at] {
            Kind::Open
        } else {
            Kind::Folded
        };
        let stretch = set.stretch(kind, span.line);
        if kind == Kind::LeftOut {
            stretch.left_out += text[span.text.clone()].chars().count();
            continue;
        }
        let mut row = row(text, span, places);
        if at == 0 && indent > 0 {
            row.pieces.insert(0, (false, " ".repeat(indent)));
        }
        stretch.rows.push(row);
    }
    let of_rows = |stretch: &Stretch| stretch.rows.iter().map(|row| row.left_out).sum::<usize>();
    set.left_out = set.stretches.iter().map(|stretch| stretch.left_out + of_rows(stretch)).sum();
    set
}

/// What becomes of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Folded,
    LeftOut,
}

impl Stretch {
    fn kind(&self) -> Kind {
        match self {
            Self { left_out: 1.., .. } => Kind::LeftOut,
            Self { is_folded: true, .. } => Kind::Folded,
            Self { .. } => Kind::Open,
        }
    }
}

impl RecordText {
    /// The stretch that a row of a line belongs to: the last one, or a new one.
    fn stretch(&mut self, kind: Kind, line: u64) -> &mut Stretch {
        if self.stretches.last().is_none_or(|last| last.kind() != kind) {
            let is_folded = kind == Kind::Folded;
            self.stretches.push(Stretch { is_folded, from: line, to: line, rows: Vec::new(), left_out: 0 });
        }
        let last = self.stretches.last_mut().expect("one was pushed");
        last.to = line;
        last
    }
}

/// Which rows there is room for.
fn shown(rows: &[RowSpan], open: &[bool]) -> Vec<bool> {
    let mut room = SHOWN_BYTES_MAX;
    let mut shown = vec![false; rows.len()];
    for wanted in [true, false] {
        for (at, row) in rows.iter().enumerate().filter(|(at, _)| open[*at] == wanted) {
            let size = row.text.len().min(ROW_BYTES_MAX) + AROUND_ROW_BYTES;
            shown[at] = size <= room;
            // Nothing stands behind a gap as if it were none.
            room = if shown[at] { room - size } else { 0 };
        }
    }
    shown
}

/// A row with its marks.
fn row(text: &str, span: &RowSpan, places: &[Found]) -> Row {
    let first = places.partition_point(|(place, _)| place.start < span.text.start);
    let inside = || places[first..].iter().take_while(|(place, _)| is_in(place.start, span, text));
    let (from, end) = cut(text, span, inside().next().map(|(place, _)| place.start));
    let mut pieces = vec![(false, "  ".repeat(span.indent))];
    if from > span.text.start {
        pieces.push((false, "…".to_owned()));
    }
    let mut at = from;
    for (place, _) in inside() {
        let (start, stop) = (place.start.clamp(at, end), place.end.clamp(at, end));
        if stop > start || place.start == end {
            pieces.push((false, plain(&text[at..start])));
            pieces.push((true, plain(&text[start..stop])));
            at = stop;
        }
    }
    pieces.push((false, plain(&text[at..end])));
    if end < span.text.end {
        pieces.push((false, "…".to_owned()));
    }
    pieces.retain(|(is_mark, text)| *is_mark || !text.is_empty());
    let chars = |from: usize, to: usize| text[from..to].chars().count();
    Row {
        line: span.is_first.then_some(span.line),
        pieces,
        left_out: chars(span.text.start, from) + chars(end, span.text.end),
        marks: inside().map(|(_, number)| *number).collect(),
    }
}

/// Whether a place stands in a row; at the end of a line, too.
fn is_in(at: usize, span: &RowSpan, text: &str) -> bool {
    at < span.text.end || (at == span.text.end && text[at..].chars().next().is_none_or(|c| c != '<'))
}

/// What is shown of a row: from a little before its mark where it is too long.
fn cut(text: &str, span: &RowSpan, mark: Option<usize>) -> (usize, usize) {
    let Range { start, end } = span.text;
    if end - start <= ROW_BYTES_MAX {
        return (start, end);
    }
    let from = mark.map_or(start, |mark| mark.saturating_sub(BEFORE_MARK_BYTES).max(start));
    let from = floor(text, from);
    (from, floor(text, (from + ROW_BYTES_MAX).min(end)))
}

fn plain(text: &str) -> String {
    text.replace('\t', "  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: RecordPlace = RecordPlace { line: 10, column: 1, byte: 100 };

    fn mark(record: &str, what: &str) -> Mark {
        let at = record.find(what).expect("it is there");
        Mark { byte: PLACE.byte + at as u64, width: what.chars().count() as u64, is_value: false }
    }

    /// The rows, a line each: number, text with marks in brackets, folded stretches indented by `▸`.
    fn drawn(set: &RecordText) -> String {
        let row = |row: &Row| {
            let number = row.line.map_or_else(|| "..".to_owned(), |line| line.to_string());
            let piece =
                |(is_mark, text): &(bool, String)| if *is_mark { format!("[{text}]") } else { text.clone() };
            format!("{number} {}\n", row.pieces.iter().map(piece).collect::<String>())
        };
        let stretch = |stretch: &Stretch| {
            if stretch.left_out > 0 {
                return format!("… {}\n", stretch.left_out);
            }
            if stretch.is_folded {
                return format!("▸ {}-{}\n", stretch.from, stretch.to);
            }
            stretch.rows.iter().map(row).collect()
        };
        set.stretches.iter().map(stretch).collect()
    }

    #[track_caller]
    fn case(record: &str, what: &str, expected: &str) {
        let set = RecordText::of(record.as_bytes(), "UTF-8", PLACE, &[mark(record, what)]);
        assert_eq!((drawn(&set).as_str(), set.left_out), (expected, 0));
    }

    #[test]
    fn a_place_is_marked_and_what_is_far_from_it_is_folded() {
        let far = "  <x/>\n".repeat(9);
        let record = format!("<a>\n <b>\n{far}  <p>12,50</p>\n{far}</b>\n</a>");
        let expected = "10 <a>\n11  <b>\n▸ 12-17\n18   <x/>\n19   <x/>\n20   <x/>\n21   <p>[12,50]</p>\n22   <x/>\n\
                        23   <x/>\n24   <x/>\n▸ 25-31\n32 </a>\n";
        case(&record, "12,50", expected);
    }

    #[test]
    fn a_line_without_end_is_broken_between_its_tags() {
        let record = format!("<a><b>{}</b><c><d>12,50</d></c></a>", "ü".repeat(100));
        let expected = format!(
            "10 <a>\n..   <b>{}</b>\n..   <c>\n..     <d>[12,50]</d>\n..   </c>\n.. </a>\n",
            "ü".repeat(100)
        );
        case(&record, "12,50", &expected);
    }

    #[test]
    fn lines_end_as_they_do_for_the_reader_and_tabs_are_blanks() {
        case("<a>\r\n\t<b/>\r<c/>\n</a>", "<c/>", "10 <a>\n11   <b/>\n12 [<c/>]\n13 </a>\n");
    }

    #[test]
    fn places_are_those_of_the_feed_whatever_its_encoding() {
        let latin = b"<a>\n<b>\xFC\xE4</b>\n<c>\xF6x</c>\n</a>";
        let at = latin.windows(2).position(|pair| pair == b"\xF6x").expect("it is there") as u64;
        let marks = [Mark { byte: PLACE.byte + at, width: 2, is_value: false }];
        let set = RecordText::of(latin, "ISO-8859-1", PLACE, &marks);
        assert_eq!(drawn(&set), "10 <a>\n11 <b>üä</b>\n12 <c>[öx]</c>\n13 </a>\n");
        let wide: Vec<u8> = "<a>𝄞<b>x</b></a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marks = [Mark { byte: PLACE.byte + 2 * 8, width: 1, is_value: false }];
        assert_eq!(drawn(&RecordText::of(&wide, "UTF-16LE", PLACE, &marks)), "10 <a>𝄞<b>[x]</b></a>\n");
    }

    #[test]
    fn places_outside_and_nonsense_are_no_trouble() {
        let marks = [0, 99, 101, 102, 900].map(|byte| Mark { byte, width: u64::MAX, is_value: true });
        for record in ["ü", "", "<", "<!--", "<a b='", "</a></b>", "\u{202e}<x", "\n\n"] {
            let set = RecordText::of(record.as_bytes(), "UTF-8", PLACE, &marks);
            assert_eq!(set.left_out, 0, "{record}");
        }
    }

    #[test]
    fn shown_bytes_max() {
        let line = "x".repeat(156);
        let of = |lines: usize| {
            let text = vec![line.as_str(); lines].join("\n");
            let set = RecordText::of(text.as_bytes(), "UTF-8", PLACE, &[]);
            (set.stretches.iter().map(|stretch| stretch.rows.len()).sum::<usize>(), set.left_out)
        };
        let most = SHOWN_BYTES_MAX / (156 + AROUND_ROW_BYTES);
        assert_eq!(most * (156 + AROUND_ROW_BYTES), SHOWN_BYTES_MAX);
        assert_eq!(of(most), (most, 0));
        // The last one is always open, and goes first.
        assert_eq!(of(most + 1), (most, 156));
    }

    #[test]
    fn what_is_left_out_is_told_where_it_stood() {
        let record = format!("<a>{}<c>12,50</c></a>", "<b>ü</b>".repeat(9_000));
        let set = RecordText::of(record.as_bytes(), "UTF-8", PLACE, &[mark(&record, "12,50")]);
        let gap = set.stretches.iter().position(|stretch| stretch.left_out > 0).expect("there is a gap");
        assert!(set.stretches[gap].rows.is_empty() && set.left_out == set.stretches[gap].left_out);
        let behind: Vec<&Row> = set.stretches[gap + 1..].iter().flat_map(|stretch| &stretch.rows).collect();
        assert!(behind.iter().any(|row| row.pieces.contains(&(true, "12,50".to_owned()))), "{behind:?}");
        let shown: usize =
            set.stretches.iter().flat_map(|stretch| &stretch.rows).map(|_| 8 + AROUND_ROW_BYTES).sum();
        assert!(shown <= SHOWN_BYTES_MAX, "{shown}");
    }

    #[test]
    fn of_an_attribute_its_value_is_marked_where_that_is_meant() {
        let record = "<a>\n<b kind = '99'/>\n</a>";
        let of = |is_value| {
            let at = PLACE.byte + record.find("kind").expect("it is there") as u64;
            drawn(&RecordText::of(
                record.as_bytes(),
                "UTF-8",
                PLACE,
                &[Mark { byte: at, width: 4, is_value }],
            ))
        };
        assert_eq!(of(true), "10 <a>\n11 <b kind = '[99]'/>\n12 </a>\n");
        assert_eq!(of(false), "10 <a>\n11 <b [kind] = '99'/>\n12 </a>\n");
    }

    #[test]
    fn row_bytes_max() {
        let of = |length: usize| {
            let record = format!("{}12,50{}", "x".repeat(length), "y".repeat(ROW_BYTES_MAX));
            drawn(&RecordText::of(record.as_bytes(), "UTF-8", PLACE, &[mark(&record, "12,50")]))
        };
        let far = of(500);
        assert!(far.starts_with("10 …xx") && far.contains("x[12,50]y") && far.ends_with("y…\n"), "{far}");
        let whole = drawn(&RecordText::of("x".repeat(ROW_BYTES_MAX).as_bytes(), "UTF-8", PLACE, &[]));
        assert!(!whole.contains('…'));
        let more = drawn(&RecordText::of("x".repeat(ROW_BYTES_MAX + 1).as_bytes(), "UTF-8", PLACE, &[]));
        assert!(more.contains('…'));
    }
}
