//! The scan for people: a table of 80 columns, what needs a hand first in front, and below each such thing why.

use super::words::{left, sentences, whose};
use crate::expiry::{Scan, Standing, State, Term};
use crate::report::Paint;
use crate::report::escape::{clean, cut};
use jiff::Timestamp;

/// Columns of the table.
const COLUMNS: usize = 80;
/// Columns left of the name.
const BEFORE_NAME: usize = 14 + 2 + 6 + 2 + 10 + 2;
/// Sentences that one thing gets; the others are in the JSON.
const SENTENCES_MAX: usize = 5;

/// The scan as text. Of the words of files nothing reaches a terminal but what it can show.
#[must_use]
pub fn text(scan: &Scan, paint: Paint) -> String {
    let mut text = format!("{:14}  {:>6}  {:10}  THING\n", "STATE", "LEFT", "UNTIL");
    for standing in &scan.standings {
        text.push_str(&row(standing, scan.at, paint));
        for line in below(standing, scan.at) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text.push_str(&totals(scan));
    text
}

fn row(standing: &Standing, now: Timestamp, paint: Paint) -> String {
    let state = format!("{:14}", standing.state);
    let until = match standing.until {
        Some(Term::Until(moment)) => moment.strftime("%Y-%m-%d").to_string(),
        Some(Term::Never) | None => "-".to_owned(),
    };
    let name = standing.thing.name.as_str();
    let name = cut(name, COLUMNS - BEFORE_NAME);
    let left = left(standing.until, now);
    format!("{}  {left:>6}  {until:10}  {name}\n", paint.state(standing.state, &state))
}

/// The lines below a row.
fn below(standing: &Standing, now: Timestamp) -> Vec<String> {
    let mut texts = sentences(standing, now);
    if let Some(more) = texts.len().checked_sub(SENTENCES_MAX).filter(|more| *more > 0) {
        texts.truncate(SENTENCES_MAX);
        texts.push(format!("and {more} more: `--output json` tells them all"));
    }
    if standing.thing.name.as_str().len() > COLUMNS - BEFORE_NAME {
        texts.insert(0, format!("thing {}", standing.thing.name));
    }
    if !standing.shared_with.is_empty() {
        texts.push(format!("has the same key as {}", standing.shared_with.join(", ")));
    }
    if standing.state != State::Ok {
        texts.extend(whose(standing));
    }
    texts.iter().flat_map(|text| wrapped(&clean(text))).collect()
}

/// The text in lines that fit, indented; a word that is longer than a line is parted.
fn wrapped(text: &str) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let room = COLUMNS - 2 - line.chars().count();
            if word.chars().count() < room || (line.is_empty() && word.chars().count() <= COLUMNS - 2) {
                break;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let at = word.char_indices().nth(COLUMNS - 2).map_or(word.len(), |(at, _)| at);
            lines.push(word[..at].to_owned());
            word = &word[at..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    let indented =
        |(index, line): (usize, String)| format!("{}{line}", if index == 0 { "  " } else { "    " });
    // What is carried over is indented further, so it has two columns less.
    let fits = lines.iter().skip(1).all(|line| line.chars().count() <= COLUMNS - 4);
    if fits { lines.into_iter().enumerate().map(indented).collect() } else { plain(lines) }
}

fn plain(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("  {line}")).collect()
}

fn totals(scan: &Scan) -> String {
    let things = scan.standings.len();
    let counts: Vec<String> =
        scan.counts().into_iter().map(|(state, count)| format!("{count} {state}")).collect();
    let what = if things == 1 { "thing" } else { "things" };
    let counts = if counts.is_empty() { "nothing is watched".to_owned() } else { counts.join(", ") };
    let lines = wrapped(&format!("{things} {what}: {counts}"));
    lines.iter().map(|line| line.trim_start()).collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_table_fits_and_says_what_needs_a_hand_first() {
        let told = text(&sample::scan(), Paint::Plain);
        let expected = "\
STATE             LEFT  UNTIL       THING
expired            -2d  2027-01-13  partner-client
  leaf `CN=client` in `b.pem` has ended on 2027-01-13 08:00:00 UTC
  issuer `CN=issuing authority` in `b.pem` ends on 2027-02-04 08:00:00 UTC, in
    20d
  has the same key as shop-chain
  owner shop-platform
  contact #shop
  runbook https://wiki.example/r
nothing found        -  -           gone
  there is no such file or folder: check `path`
ok                 90d  2027-04-15  shop-chain
  has the same key as partner-client
3 things: 1 expired, 1 nothing found, 1 ok
";
        assert_eq!(told, expected);
    }

    #[test]
    fn no_line_is_longer_than_the_table() {
        for text in ["x".repeat(300), format!("{} {}", "y".repeat(77), "z".repeat(80)), "a b ".repeat(60)] {
            for line in wrapped(&text) {
                assert!(line.chars().count() <= COLUMNS, "{line}");
            }
        }
    }
}
