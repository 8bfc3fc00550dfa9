//! Texts of a record turned into the values of a product.
//!
//! Lexical forms are those of XML Schema (`12.50`, not `12,50`, not `1e3`), so that a rule never
//! accepts what the schema would refuse.

use super::fault::cut;
use crate::feed::Unit;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Why a text is not the number it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NumberFault {
    #[error("`{0}` is no decimal number")]
    NoDecimal(String),
    #[error("`{0}` is no decimal number: write the decimal sign as a point")]
    Comma(String),
    #[error("`{0}` has more digits than can be kept exactly")]
    TooLong(String),
    #[error("`{0}` is negative")]
    Negative(String),
    #[error("`{0}` is no whole number between {1} and {2}")]
    NoInteger(String, i64, i64),
}

/// A decimal, exact.
pub(super) fn decimal(text: &str) -> Result<Decimal, NumberFault> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        let comma = text.contains(',') && decimal(&text.replacen(',', ".", 1)).is_ok();
        return Err(if comma { NumberFault::Comma(cut(text)) } else { NumberFault::NoDecimal(cut(text)) });
    }
    let fraction = fraction.trim_end_matches('0');
    let sign = if text.starts_with('-') { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let plain =
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    Decimal::from_str_exact(&plain).map_err(|_| NumberFault::TooLong(cut(text)))
}

/// A decimal that is not negative.
pub(super) fn amount(text: &str) -> Result<Decimal, NumberFault> {
    let amount = decimal(text)?;
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(NumberFault::Negative(cut(text)));
    }
    Ok(amount)
}

/// A whole number within bounds, both included.
pub(super) fn integer(text: &str, (least, most): (i64, i64)) -> Result<i64, NumberFault> {
    let number = text.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| NumberFault::NoInteger(cut(text), least, most))
}

/// A weight in grams or a length in millimetres.
pub(super) fn measure(value: Decimal, unit: Unit) -> Option<Decimal> {
    let factor = match unit {
        Unit::Gram | Unit::Millimetre => Decimal::ONE,
        Unit::Kilogram => Decimal::ONE_THOUSAND,
        Unit::Centimetre => Decimal::TEN,
        Unit::Inch => Decimal::new(254, 1),
        Unit::Ounce => Decimal::new(28_349_523_125, 9),
        Unit::Pound => Decimal::new(45_359_237, 5),
    };
    value.checked_mul(factor).map(|value| value.normalize())
}

/// Whether a unit is one of weight.
pub(super) fn is_weight(unit: Unit) -> bool {
    matches!(unit, Unit::Gram | Unit::Kilogram | Unit::Ounce | Unit::Pound)
}

/// A text of one line: white space at the ends removed, within it made single.
pub(super) fn line(text: &str) -> String {
    let text: Cow<'_, str> = Cow::Borrowed(text.trim());
    let untidy = text.contains(['\n', '\t', '\r']) || text.contains("  ");
    if untidy { text.split_ascii_whitespace().collect::<Vec<_>>().join(" ") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let found = amount(text).map_or_else(|fault| fault.to_string(), |amount| amount.to_string());
        assert_eq!(found, expected, "for `{text}`");
    }

    #[test]
    fn amounts_are_decimals_of_the_schema() {
        case("12.50", "12.5");
        case(" +0012. ", "12");
        case(".5", "0.5");
        case("-0", "0");
        case("9.000000000000000000000000000000000", "9");
        case("12,50", "`12,50` is no decimal number: write the decimal sign as a point");
        case("1.234,50", "`1.234,50` is no decimal number");
        case("1e3", "`1e3` is no decimal number");
        case("1_000", "`1_000` is no decimal number");
        case("INF", "`INF` is no decimal number");
        case("", "`` is no decimal number");
        case(".", "`.` is no decimal number");
        case("-1", "`-1` is negative");
        case("79228162514264337593543950335", "79228162514264337593543950335");
        case(
            "79228162514264337593543950336",
            "`79228162514264337593543950336` has more digits than can be kept exactly",
        );
    }

    #[test]
    fn whole_numbers_have_bounds() {
        assert_eq!(integer(" 229 ", (0, 229)), Ok(229));
        let fault = integer("230", (0, 229)).unwrap_err();
        assert_eq!(fault.to_string(), "`230` is no whole number between 0 and 229");
        assert!(integer("2.0", (0, 229)).is_err());
    }

    #[test]
    fn measures_become_grams_and_millimetres() {
        let case = |value: i64, unit, expected: &str| {
            assert_eq!(measure(value.into(), unit).unwrap().to_string(), expected);
        };
        case(195, Unit::Gram, "195");
        case(2, Unit::Kilogram, "2000");
        case(30, Unit::Centimetre, "300");
        case(12, Unit::Inch, "304.8");
        case(1, Unit::Pound, "453.59237");
        case(16, Unit::Ounce, "453.59237");
        assert_eq!(measure(Decimal::MAX, Unit::Kilogram), None);
    }

    #[test]
    fn a_line_has_single_spaces() {
        assert_eq!(line(" Très \n  bien\tfait "), "Très bien fait");
        assert_eq!(line(" as it is "), "as it is");
    }
}
