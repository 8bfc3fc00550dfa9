//! The sentence that stands for all findings of a kind. The engine makes one for each finding; what the first of them
//! says of its own value is an example to the others.

use super::german::translation;
use crate::judgement::Language;

/// What is said of one value, and of several.
const VALUE: [&str; 2] = ["` has the value `", "` has a value such as `"];

/// Whether the findings of a kind all say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alike {
    Yes,
    No,
    /// Nobody has looked at all of them.
    Unknown,
}

impl Alike {
    /// By some of so many findings, held against the sentence of the first.
    pub(crate) fn of<'s>(sentence: &str, count: u64, some: impl IntoIterator<Item = &'s str>) -> Self {
        let mut seen = 0;
        for other in some {
            if other != sentence {
                return Self::No;
            }
            seen += 1;
        }
        if seen.max(1) >= count { Self::Yes } else { Self::Unknown }
    }
}

/// A sentence that holds for all findings of a kind, from that of the first; `operands` are texts that it may repeat
/// from a feed.
pub(crate) fn of_kind(language: Language, first: &str, operands: &[&str], alike: Alike) -> String {
    let told = |english: &str| match language {
        Language::English => english.to_owned(),
        Language::German => translation(english, operands).unwrap_or_else(|| english.to_owned()),
    };
    match (alike, of_values(first)) {
        (Alike::Yes, _) | (Alike::Unknown, None) => told(first),
        (_, Some(several)) => told(&several),
        (Alike::No, None) => format!("{}{}", language.pick("for example: ", "zum Beispiel: "), told(first)),
    }
}

/// What a sentence about a value says of several.
fn of_values(sentence: &str) -> Option<String> {
    let subject = sentence.strip_prefix("attribute ").unwrap_or(sentence).strip_prefix('`')?;
    let name = subject.find('`')?;
    let rest = subject[name..].strip_prefix(VALUE[0])?;
    let lead = &sentence[..sentence.len() - subject.len() + name];
    Some(format!("{lead}{}{rest}", VALUE[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(alike: Alike, first: &str, english: &str, german: &str) {
        assert_eq!(of_kind(Language::English, first, &[], alike), english);
        assert_eq!(of_kind(Language::German, first, &[], alike), german);
    }

    #[test]
    fn a_value_is_an_example_to_the_others_of_its_kind() {
        let first = "`amount` has the value `12,50`; expected a decimal number such as 12.50";
        for alike in [Alike::No, Alike::Unknown] {
            case(
                alike,
                first,
                "`amount` has a value such as `12,50`; expected a decimal number such as 12.50",
                "`amount` hat einen Wert wie `12,50`; erwartet: eine Dezimalzahl wie 12.50",
            );
        }
        case(Alike::Yes, first, first, "`amount` hat den Wert `12,50`; erwartet: eine Dezimalzahl wie 12.50");
        case(
            Alike::No,
            "attribute `code` has the value `x`; its value is fixed, expected `y`",
            "attribute `code` has a value such as `x`; its value is fixed, expected `y`",
            "das Attribut `code` hat einen Wert wie `x`; sein Wert ist festgelegt, erwartet: `y`",
        );
    }

    #[test]
    fn what_differs_otherwise_is_told_as_an_example() {
        let first = "`a` has `x` as item 3 of its list; expected a decimal number such as 12.50";
        case(
            Alike::No,
            first,
            "for example: `a` has `x` as item 3 of its list; expected a decimal number such as 12.50",
            "zum Beispiel: `a` hat `x` an Stelle 3 seiner Liste; erwartet: eine Dezimalzahl wie 12.50",
        );
        let empty = "`amount` is empty; expected a decimal number such as 12.50";
        case(Alike::Unknown, empty, empty, "`amount` ist leer; erwartet: eine Dezimalzahl wie 12.50");
    }

    #[test]
    fn findings_are_alike_where_all_were_seen_to_be() {
        assert_eq!(Alike::of("a", 1, []), Alike::Yes);
        assert_eq!(Alike::of("a", 2, ["a", "a"]), Alike::Yes);
        assert_eq!(Alike::of("a", 3, ["a", "a"]), Alike::Unknown);
        assert_eq!(Alike::of("a", 2, ["a", "b"]), Alike::No);
    }

    #[test]
    fn what_a_feed_says_is_no_sentence() {
        assert_eq!(of_values("`a` may not stand here, ` has the value `"), None);
        assert_eq!(of_values("no such thing"), None);
        let of = |sentence| of_values(sentence).expect("it is about a value");
        assert_eq!(
            of("`a` has the value `b` has the value `c`"),
            "`a` has a value such as `b` has the value `c`"
        );
    }
}
