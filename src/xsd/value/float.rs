//! `float` and `double`: IEEE single and double precision, with `INF`, `-INF` and `NaN`.

use std::cmp::Ordering;

use super::{Lexical, decimal::Digits};

/// A value of `float` or `double`; a `float` is kept widened, which is exact.
///
/// Equality is that of the value space: `NaN` equals itself, zero has no sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Float {
    bits: u64,
}

/// Whether a literal is in the lexical space (3.2.4.1): decimal mantissa, `E` or `e`, integer
/// exponent; or one of the three special values.
pub fn check(text: &str) -> Result<(), Lexical> {
    if special(text).is_some() {
        return Ok(());
    }
    let (mantissa, exponent) = match text.bytes().position(|byte| byte == b'e' || byte == b'E') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    Digits::parse(mantissa)?;
    exponent.map_or(Ok(()), |exponent| Digits::parse_integer(exponent).map(drop))
}

fn special(text: &str) -> Option<f64> {
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => None,
    }
}

impl Float {
    /// The `float` nearest to the literal.
    pub fn single(text: &str) -> Result<Self, Lexical> {
        check(text)?;
        let number = match special(text) {
            Some(number) => number,
            None => f64::from(text.parse::<f32>().map_err(|_| Lexical::Form)?),
        };
        Ok(Self::new(number))
    }

    /// The `double` nearest to the literal.
    pub fn double(text: &str) -> Result<Self, Lexical> {
        check(text)?;
        let number = match special(text) {
            Some(number) => number,
            None => text.parse::<f64>().map_err(|_| Lexical::Form)?,
        };
        Ok(Self::new(number))
    }

    fn new(number: f64) -> Self {
        let number = if number.is_nan() { f64::NAN } else { number + 0.0 };
        Self { bits: number.to_bits() }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        f64::from_bits(self.bits)
    }

    /// The order; `NaN` equals itself and is incomparable with everything else.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        if self == other { Some(Ordering::Equal) } else { self.get().partial_cmp(&other.get()) }
    }

    /// See [`super::Value::write_key`].
    pub(crate) fn write_key(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bits.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, single: f64, double: f64) {
        assert_eq!(Float::single(text), Ok(Float::new(single)), "{text}");
        assert_eq!(Float::double(text), Ok(Float::new(double)), "{text}");
    }

    #[test]
    fn literals_mean_the_nearest_number() {
        case("-1E4", -1e4, -1e4);
        case("12.78e-2", f64::from(0.1278_f32), 0.1278);
        case("12", 12.0, 12.0);
        case("-0", 0.0, 0.0);
        case("+.5", 0.5, 0.5);
        case("1.", 1.0, 1.0);
        case("INF", f64::INFINITY, f64::INFINITY);
        case("NaN", f64::NAN, f64::NAN);
        case("16777217", 16_777_216.0, 16_777_217.0);
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "+INF", "inf", "nan", "1e", "e1", "1e1.5", "1 e1", "0x1", "infinity", "+", "1e+"] {
            assert_eq!(check(text), Err(Lexical::Form), "{text:?}");
        }
    }

    #[test]
    fn nan_is_comparable_with_itself_only() {
        let number = |text| Float::double(text).unwrap();
        assert_eq!(number("NaN").compare(number("NaN")), Some(Ordering::Equal));
        assert_eq!(number("NaN").compare(number("INF")), None);
        assert_eq!(number("-INF").compare(number("-1e308")), Some(Ordering::Less));
    }
}
