//! One line per deviation: `FEED:LINE:COLUMN: severity: sentence [code] [path] [record key]`.
//!
//! What is said of a feed as a whole stands at `0:0`. Always three brackets; `-` stands where there is nothing to say.

use super::escape::{clean, shown};
use super::{NamedFinding, Reporter, Summary};
use crate::judgement::FeedEnd;
use std::io::{self, Write};

/// Writes the `lines` form.
pub struct LinesReporter<W> {
    out: W,
}

impl<W: Write> LinesReporter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

fn bracket(text: &str) -> String {
    if text.is_empty() { "[-]".to_owned() } else { format!("[{}]", shown(text)) }
}

impl<W: Write + Send> Reporter for LinesReporter<W> {
    fn finding(&mut self, NamedFinding { feed, finding, .. }: &NamedFinding<'_>) -> io::Result<()> {
        let key = finding.key.as_ref().map_or("", |key| key.as_str());
        writeln!(
            self.out,
            "{}:{}: {}: {} [{}] {} {}",
            clean(&feed.name),
            finding.place,
            finding.severity,
            shown(&finding.sentence),
            finding.code,
            bracket(&finding.path),
            bracket(key)
        )
    }

    fn feed_end(&mut self, _: &FeedEnd) -> io::Result<()> {
        self.out.flush()
    }

    fn feed_failed(&mut self, _: &str, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn summary(&mut self, _: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{feed, finding, told};
    use super::*;
    use crate::judgement::Finding;

    #[track_caller]
    fn case(name: &str, finding: &Finding, expected: &str) {
        let mut out = Vec::new();
        LinesReporter::new(&mut out).finding(&told(&feed(name), finding)).expect("writes to memory");
        assert_eq!(String::from_utf8(out).expect("text"), format!("{expected}\n"));
    }

    #[test]
    fn a_deviation_is_a_line() {
        case(
            "a.xml",
            &finding(31, 15),
            "a.xml:31:15: error: `12,50` is not a decimal number [cvc-datatype-valid.1.2.1] \
             [/catalogue/product[3]/price[1]/amount] [HN-4711]",
        );
    }

    #[test]
    fn outside_of_records_dashes_stand() {
        let finding =
            Finding { key: None, record: None, path: String::new(), code: "xml.syntax", ..finding(1, 1) };
        case("-", &finding, "-:1:1: error: `12,50` is not a decimal number [xml.syntax] [-] [-]");
    }

    #[test]
    fn nothing_breaks_the_line() {
        let finding = Finding {
            sentence: "found `a\nb.xml:1:1: error: \x1b[31mfake`".to_owned(),
            path: String::new(),
            ..finding(1, 1)
        };
        case(
            "a\nb.xml",
            &finding,
            "a\\nb.xml:1:1: error: found `a\\nb.xml:1:1: error: \\u{1b}[31mfake` \
             [cvc-datatype-valid.1.2.1] [-] [HN-4711]",
        );
    }
}
