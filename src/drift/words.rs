//! Numbers and paths as they stand in sentences.

use super::baseline::Subject;
use super::profile::RecordKind;

/// `12,280`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut words = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// `61 %`, `99.8 %`, `0.03 %`; never 0 or 100 of what is not.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let digits = if percent > 0.0 && percent < 0.1 { 2 } else { 1 };
    let mut words = format!("{percent:.digits$}");
    if share < 1.0 && words == "100.0" {
        "99.9".clone_into(&mut words);
    }
    if share > 0.0 && words.trim_matches(['0', '.']).is_empty() {
        return "less than 0.01 %".to_owned();
    }
    let words = words.strip_suffix(".0").unwrap_or(&words);
    format!("{words} %")
}

/// `61 % (12,280 of 20,131)`.
pub(super) fn of(part: u64, whole: u64) -> String {
    let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    format!("{} ({} of {})", percent(share), count(part), count(whole))
}

/// `the last 20 feeds`, `the feed before`.
pub(super) fn feeds(runs: usize) -> String {
    match runs {
        1 => "the feed before".to_owned(),
        runs => format!("the last {runs} feeds"),
    }
}

/// The path in a sentence, with the records it is of where they are not the usual.
pub(super) fn path(subject: &Subject) -> String {
    let Subject { kind, path } = subject;
    let of = match kind {
        None | Some(RecordKind::New | RecordKind::Update) => "",
        Some(RecordKind::Amend) => " of amending records",
        Some(RecordKind::Delete) => " of deleting records",
        Some(RecordKind::Ignore) => " of records for reading only",
    };
    format!("`{}`{of}", if path.is_empty() { "." } else { path })
}

/// A number with at most three digits that say something.
pub(super) fn number(value: f64) -> String {
    match value {
        _ if value >= 100.0 => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is positive")]
            let whole = value.round() as u64;
            count(whole)
        }
        _ if value >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_people_read_them() {
        assert_eq!(
            ["7", "412", "12,280", "1,000,000"],
            [7, 412, 12_280, 1_000_000].map(count).each_ref().map(|s| &**s)
        );
        for (share, words) in [
            (0.0, "0 %"),
            (0.000_01, "less than 0.01 %"),
            (0.0003, "0.03 %"),
            (0.61, "61 %"),
            (0.998, "99.8 %"),
            (0.999_99, "99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), words);
        }
        assert_eq!(of(12_280, 20_131), "61 % (12,280 of 20,131)");
        assert_eq!(
            (number(2450.4), number(24.54), number(0.051)),
            ("2,450".into(), "24.5".into(), "0.05".into())
        );
    }
}
