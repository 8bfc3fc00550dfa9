//! The language in which people are told, and what each writes in its own way.

/// A language of sentences. Programs are told English, whatever people are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, in which all sentences are made.
    #[default]
    English,
    /// German, for what has German words; the rest stays English.
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// As HTML names it (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// As it calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// One of two texts.
    #[must_use]
    pub const fn pick(self, english: &'static str, german: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::German => german,
        }
    }

    /// A number with its thousands set apart: `20,131`, `20.131`.
    #[must_use]
    pub fn grouped(self, number: u64) -> String {
        let (digits, mark) = (number.to_string(), self.pick(",", "."));
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                text.push_str(mark);
            }
            text.push(digit);
        }
        text
    }

    /// So many of something: `1 record`, `2.000 Datensätze`. The nouns are one and many, in each language.
    #[must_use]
    pub fn counted(self, number: u64, nouns: [[&str; 2]; 2]) -> String {
        let [one, many] = match self {
            Self::English => nouns[0],
            Self::German => nouns[1],
        };
        format!("{} {}", self.grouped(number), if number == 1 { one } else { many })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart_as_the_language_does() {
        let of = |number| Language::ALL.map(|language| language.grouped(number));
        assert_eq!(of(7), ["7", "7"]);
        assert_eq!(of(999), ["999", "999"]);
        assert_eq!(of(20_131), ["20,131", "20.131"]);
        assert_eq!(of(1_000_000), ["1,000,000", "1.000.000"]);
        let nouns = [["record", "records"], ["Datensatz", "Datensätze"]];
        assert_eq!(Language::German.counted(1, nouns), "1 Datensatz");
        assert_eq!(Language::English.counted(2_000, nouns), "2,000 records");
    }
}
