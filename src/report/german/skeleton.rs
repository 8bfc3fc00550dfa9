//! A sentence without what it repeats of a feed.

use super::SENTENCE_BYTES_MAX;

/// Stands for an operand. No sentence has it: XML 1.0 does not allow the character.
pub(super) const MARK: char = '\u{1}';

/// A sentence in which each text in backticks is [`MARK`], and these texts.
#[derive(Debug, Default)]
pub(super) struct Skeleton<'a> {
    pub(super) text: String,
    /// Where each mark stands in `text`, and what it stands for.
    operands: Vec<(usize, &'a str)>,
}

impl<'a> Skeleton<'a> {
    /// Takes the operands out. Each of `known` is taken whole where it stands quoted, once, whatever is in it.
    pub(super) fn of(sentence: &'a str, known: &[&str]) -> Option<Self> {
        if sentence.len() > SENTENCE_BYTES_MAX || sentence.contains(MARK) {
            return None;
        }
        let (mut skeleton, mut rest) = (Self::default(), sentence);
        let mut known: Vec<&str> = known.iter().copied().filter(|text| !text.is_empty()).collect();
        while let Some(at) = rest.find(['`', '"']) {
            let (before, behind) = rest.split_at(at + 1);
            skeleton.text.push_str(before);
            let quote = char::from(before.as_bytes()[at]);
            rest = behind;
            match take(behind, quote, &mut known) {
                Some(operand) => {
                    skeleton.push(operand, quote);
                    rest = &behind[operand.len() + 1..];
                }
                None if quote == '`' => return None,
                None => {}
            }
        }
        skeleton.text.push_str(rest);
        Some(skeleton)
    }

    fn push(&mut self, operand: &'a str, quote: char) {
        self.operands.push((self.text.len(), operand));
        self.text.extend([MARK, quote]);
    }

    /// The operand whose mark stands there.
    pub(super) fn operand(&self, at: usize) -> Option<&'a str> {
        let index = self.operands.binary_search_by_key(&at, |(mark, _)| *mark).ok()?;
        Some(self.operands[index].1)
    }

    /// A piece of the sentence as it was.
    pub(super) fn original(&self, from: usize, to: usize) -> String {
        let mut text = String::new();
        for (at, c) in self.text[from..to].char_indices() {
            match self.operand(from + at) {
                Some(operand) => text.push_str(operand),
                None => text.push(c),
            }
        }
        text
    }
}

/// The operand behind a quote: a known one that holds quotes itself, or else what stands before the next quote.
fn take<'a>(behind: &'a str, quote: char, known: &mut Vec<&str>) -> Option<&'a str> {
    let of_known = |index: usize| longest(behind, quote, known[index]).map(|operand| (operand, index));
    let longest = (0..known.len()).filter_map(of_known).max_by_key(|(operand, _)| operand.len());
    if let Some((operand, index)) = longest {
        known.remove(index);
        return Some(operand);
    }
    // Double quotes stand in sentences for other ends as well.
    if quote == '`' { behind.split_once(quote).map(|(operand, _)| operand) } else { None }
}

/// The longest text before a quote that `known` is, or holds: of a list, one item is repeated.
fn longest<'a>(behind: &'a str, quote: char, known: &str) -> Option<&'a str> {
    let is_whole = behind.strip_prefix(known).is_some_and(|rest| rest.starts_with(quote));
    if is_whole && (quote == '"' || known.contains(quote)) {
        return Some(&behind[..known.len()]);
    }
    if quote == '"' || !known.contains(quote) {
        return None;
    }
    let ends = behind.match_indices(quote).map(|(end, _)| end).take_while(|end| *end <= known.len());
    let parts = ends.map(|end| &behind[..end]).filter(|part| part.contains(quote) && known.contains(*part));
    parts.last()
}
