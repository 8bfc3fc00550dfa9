//! `--only` and `--ignore`: which changes count, by their path.
//!
//! A pattern names steps from the record inwards: `prices/price/amount`, `*` for any one name, `//` for
//! anything in front, `@unit` for an attribute. It takes in everything below.

/// A path of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    anywhere: bool,
    steps: Vec<String>,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no path of a change: write names such as `prices/price/amount`, `//amount` or \
     `price/@currency`, without conditions"
)]
pub struct PatternError(String);

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let rest = text.trim();
        let (anywhere, rest) = match rest.strip_prefix("//") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix('/').unwrap_or(rest)),
        };
        let steps: Vec<String> = rest.split('/').map(str::to_owned).collect();
        let is_step = |(number, step): (usize, &String)| {
            let name = match step.strip_prefix('@') {
                Some(name) if number + 1 == steps.len() => name,
                Some(_) => return false,
                None => step,
            };
            step == "*"
                || step == "."
                || (!name.is_empty() && !name.contains(['[', ']', '=', ':', '*', '@', ' ']))
        };
        if steps.iter().enumerate().all(is_step) {
            Ok(Self { anywhere, steps })
        } else {
            Err(PatternError(text.to_owned()))
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.anywhere { "//" } else { "" }, self.steps.join("/"))
    }
}

impl Pattern {
    /// Whether a change at this path (names only) is meant.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        let begins = |path: &[&str]| {
            path.len() >= self.steps.len()
                && self.steps.iter().zip(path).all(|(step, name)| step == "*" || step == name)
        };
        if self.anywhere { (0..path.len()).any(|from| begins(&path[from..])) } else { begins(&path) }
    }

    /// Whether it names no path, but the record itself.
    pub(super) fn is_whole(&self) -> bool {
        self.steps.iter().any(|step| step == ".")
    }

    /// Whether what is meant lies below this path, as when a whole element came or went.
    fn lies_below(&self, path: &str) -> bool {
        let mut steps = self.steps.iter();
        !self.anywhere
            && path.split('/').all(|name| steps.next().is_some_and(|step| step == "*" || step == name))
    }
}

/// Which changes count.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these; all when there is none.
    pub only: Vec<Pattern>,
    /// None of these.
    pub ignore: Vec<Pattern>,
}

impl Filter {
    /// Whether a change at this path counts.
    #[must_use]
    pub fn wants(&self, path: &str) -> bool {
        let meant = |pattern: &Pattern| pattern.matches(path) || pattern.lies_below(path);
        (self.only.is_empty() || self.only.iter().any(meant))
            && !self.ignore.iter().any(|pattern| pattern.matches(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(pattern: &str, path: &str, expected: bool) {
        let pattern: Pattern = pattern.parse().expect("a pattern");
        assert_eq!(pattern.matches(path), expected, "{pattern:?} on {path}");
    }

    #[test]
    fn a_pattern_takes_in_everything_below() {
        case("price", "price", true);
        case("price", "price/amount", true);
        case("price", "prices/price", false);
        case("/price/amount", "price/amount", true);
        case("price/amount", "price", false);
        case("//price", "prices/price/amount", true);
        case("//amount", "prices/price/amount", true);
        case("prices/*/amount", "prices/price/amount", true);
        case("price/@currency", "price/@currency", true);
        case("price/@currency", "price/currency", false);
        case("//@currency", "prices/price/@currency", true);
        case(".", ".", true);
    }

    #[test]
    fn what_is_no_pattern_says_so() {
        for text in ["", "a//b", "a[b=1]", "@a/b", "x:y", "a/", "@"] {
            let error = text.parse::<Pattern>().expect_err(text);
            assert!(error.to_string().starts_with(&format!("`{text}` is no path of a change")), "{error}");
        }
    }

    #[test]
    fn ignore_goes_before_only() {
        let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("a pattern")).collect();
        let filter = Filter { only: patterns(&["prices"]), ignore: patterns(&["//tax"]) };
        assert!(filter.wants("prices/price"));
        assert!(!filter.wants("prices/price/tax/@percent"));
        assert!(!filter.wants("title"));
        let narrow = Filter { only: patterns(&["prices/price/amount"]), ignore: Vec::new() };
        assert!(narrow.wants("prices/price"), "a price that came has an amount");
        assert!(!narrow.wants("prices/price/tax"));
        assert!(Filter::default().wants("title"));
    }
}
