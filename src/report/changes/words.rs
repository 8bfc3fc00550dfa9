//! Two versions of a text, word by word.

use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// Texts shorter than this are told whole, old and new.
const WORDS_CHARS_MIN: usize = 40;

/// Longer texts are told whole too: marking them would take too long.
const WORDS_BYTES_MAX: usize = 64 << 10;

/// How long marking one text may take; what is left then is marked coarsely.
const WORDS_TIME_MAX: Duration = Duration::from_millis(200);

/// A stretch of the two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    Same(String),
    Old(String),
    New(String),
}

/// The versions as stretches, when both are long and have something in common.
pub(super) fn stretches(old: &str, new: &str) -> Option<Vec<Stretch>> {
    let is_long = |text: &str| text.chars().nth(WORDS_CHARS_MIN).is_some() && text.len() <= WORDS_BYTES_MAX;
    if !is_long(old) || !is_long(new) {
        return None;
    }
    let diff = TextDiff::configure().timeout(WORDS_TIME_MAX).diff_words(old, new);
    let mut stretches: Vec<Stretch> = Vec::new();
    for change in diff.iter_all_changes() {
        let word = change.value();
        match (change.tag(), stretches.last_mut()) {
            (ChangeTag::Equal, Some(Stretch::Same(text)))
            | (ChangeTag::Delete, Some(Stretch::Old(text)))
            | (ChangeTag::Insert, Some(Stretch::New(text))) => text.push_str(word),
            (ChangeTag::Equal, _) => stretches.push(Stretch::Same(word.to_owned())),
            (ChangeTag::Delete, _) => stretches.push(Stretch::Old(word.to_owned())),
            (ChangeTag::Insert, _) => stretches.push(Stretch::New(word.to_owned())),
        }
    }
    let common: usize = stretches
        .iter()
        .map(|stretch| if let Stretch::Same(text) = stretch { text.trim().len() } else { 0 })
        .sum();
    (common * 4 >= old.len().min(new.len())).then_some(stretches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_with_something_in_common_are_marked() {
        let old = "An edition after the first print, for teaching and performance.";
        let found = stretches(old, &old.replace("first", "second")).expect("marked");
        let expected = [
            Stretch::Same("An edition after the ".to_owned()),
            Stretch::Old("first".to_owned()),
            Stretch::New("second".to_owned()),
            Stretch::Same(" print, for teaching and performance.".to_owned()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn short_and_different_texts_are_told_whole() {
        assert_eq!(stretches("12.50", "13.00"), None);
        let [one, other] = ["a ".repeat(40), "b ".repeat(40)];
        assert_eq!(stretches(&one, &other), None);
        let long = "word ".repeat(WORDS_BYTES_MAX / 5 + 1);
        assert_eq!(stretches(&long, &long), None);
    }
}
