//! A refused record as people look at it: the product, what is wrong with it, its XML. For those who decide, and for
//! whoever was sent a link.

use super::faults::{FAULTS_MAX, Fault};
use super::language::Language;
use super::product::Head;
use super::words::RecordWords;
use crate::product::Product;
use crate::report::excerpt::is_attribute_value;
use crate::report::record::{Mark, RecordPlace, RecordText, Stretch};
use crate::serve::quarantine::{Entry, EntryFinding};

/// What is seen of a record.
pub(super) struct Look {
    language: Language,
    pub(super) key: Option<String>,
    pub(super) head: Option<Head>,
    pub(super) faults: Vec<Fault>,
    pub(super) faults_left_out: u64,
    pub(super) xml: Option<RecordText>,
}

impl Look {
    /// Of an entry whose findings are all there: they are told here. The bytes are those of its feed.
    pub(super) fn of(
        language: Language,
        entry: &mut Entry,
        bytes: &[u8],
        encoding: &str,
        product: Option<&Product>,
    ) -> Self {
        let at = RecordPlace { line: entry.line, column: entry.column, byte: entry.byte };
        let marks: Vec<Mark> = entry.findings.iter().take(FAULTS_MAX).map(mark).collect();
        let faults_left_out = entry.findings_count.saturating_sub(FAULTS_MAX as u64);
        let mut faults = Fault::all(language, std::mem::take(&mut entry.findings));
        for fault in &mut faults {
            fault.place = format!("{}:{}:{}", entry.feed, fault.line, fault.column);
        }
        Self {
            language,
            key: entry.key.clone(),
            head: product.map(|product| Head::of(language, product)),
            faults,
            faults_left_out,
            xml: (!bytes.is_empty()).then(|| RecordText::of(bytes, encoding, at, &marks)),
        }
    }

    /// Its title, if it has one that can be read.
    pub(super) fn title(&self) -> Option<&str> {
        self.head.as_ref()?.title.as_deref()
    }

    /// Which lines are folded away.
    pub(super) fn lines(&self, stretch: &Stretch) -> String {
        let (language, words) = (self.language, RecordWords::of(self.language));
        let [first, last] = [stretch.from, stretch.to].map(|line| language.grouped(line));
        if first == last {
            format!("{} {first}", words.rest_of)
        } else {
            format!("{} {first}–{last}", words.lines)
        }
    }

    /// How many characters are not shown.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template calls it so")]
    pub(super) fn left_out(&self, chars: &usize) -> String {
        let nouns = [["character", "characters"], ["Zeichen", "Zeichen"]];
        let chars = self.language.counted(*chars as u64, nouns);
        format!("{chars} {}", self.language.pick("left out", "ausgelassen"))
    }

    /// The faults that stand in a row.
    pub(super) fn at(&self, marks: &[usize]) -> Vec<&Fault> {
        marks.iter().filter_map(|at| self.faults.get(*at)).collect()
    }
}

fn mark(finding: &EntryFinding) -> Mark {
    let is_value = is_attribute_value(&finding.path, &finding.found);
    Mark { byte: finding.byte, width: finding.caret_width, is_value }
}
