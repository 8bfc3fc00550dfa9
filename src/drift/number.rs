//! Numbers in bins of half an octave: enough to see prices in cents instead of euros, and no more.

use serde::{Deserialize, Serialize};

/// Bins: the first for what is below 1/16, the last for what is above 2^19.
pub(super) const BINS: usize = 48;
/// Half octaves below 1.
const BELOW_ONE: i64 = 8;

/// Counts of numbers by half octaves.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Numbers(Vec<u64>);

impl Numbers {
    /// Of no numbers.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Counts a number.
    pub(super) fn add(&mut self, bin: usize, count: u64) {
        if self.0.len() <= bin {
            self.0.resize(bin + 1, 0);
        }
        self.0[bin] += count;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let counted = other.0.iter().enumerate().filter(|(_, count)| **count > 0);
        counted.for_each(|(bin, count)| self.add(bin, *count));
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The median, to half an octave; `None` of no numbers.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        let total = self.total();
        let mut seen = 0;
        let bin = self.0.iter().position(|count| {
            seen += count;
            *count > 0 && seen * 2 >= total
        })?;
        Some(middle(bin, self.0[bin], (total as f64 / 2.0 - (seen - self.0[bin]) as f64).max(0.0)))
    }

    pub(super) fn is_sound(&self) -> bool {
        self.0.len() <= BINS
    }
}

/// Where in a bin of so many numbers the one at `rank` is, when they are spread evenly.
fn middle(bin: usize, count: u64, rank: f64) -> f64 {
    let within = rank / count as f64;
    ((bin as f64 - BELOW_ONE as f64 + within) * 0.5).exp2()
}

/// The bin of a number as it is written, sign aside; with point or comma, whichever stands last.
pub(super) fn bin(text: &str) -> usize {
    let (mut whole, mut scale, mut mark) = (0.0_f64, 1.0_f64, false);
    for byte in text.bytes().rev() {
        match byte {
            b'0'..=b'9' => {
                whole += f64::from(byte - b'0') * scale;
                scale *= 10.0;
            }
            b'.' | b',' if !mark => {
                mark = true;
                whole /= scale;
                scale = 1.0;
            }
            _ => {}
        }
    }
    bin_of(whole)
}

fn bin_of(value: f64) -> usize {
    if value <= 0.0 {
        return 0;
    }
    let bin = ((value.log2() * 2.0).floor() + BELOW_ONE as f64).clamp(0.0, BINS as f64 - 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped to the bins")]
    let bin = bin as usize;
    bin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(texts: &[&str]) -> f64 {
        let mut numbers = Numbers::default();
        for text in texts {
            numbers.add(bin(text), 1);
        }
        numbers.median().unwrap()
    }

    #[test]
    fn the_median_is_right_to_half_an_octave() {
        for (texts, expected) in [
            (&["12.50", "13.00", "90.00"][..], 13.0),
            (&["1250", "1300", "9000"], 1300.0),
            (&["12,50"], 12.5),
            (&["1.234,50", "1,234.50"], 1234.5),
            (&["0.1"], 0.1),
        ] {
            let found = median(texts);
            assert!((found / expected).log2().abs() <= 0.5, "{texts:?}: {found}");
        }
        assert_eq!(Numbers::default().median(), None);
    }

    #[test]
    fn what_is_beyond_the_bins_is_in_the_last() {
        assert_eq!((bin("0"), bin("0.01"), bin("x")), (0, 0, 0));
        assert_eq!((bin("600000"), bin(&"9".repeat(400))), (46, BINS - 1));
    }

    #[test]
    fn sums_of_parts_are_sums_of_all() {
        let of = |texts: &[&str]| {
            let mut numbers = Numbers::default();
            for text in texts {
                numbers.add(bin(text), 1);
            }
            numbers
        };
        let mut both = of(&["3", "4"]);
        both.merge(&of(&["70000", "3"]));
        assert_eq!(both, of(&["3", "3", "4", "70000"]));
    }
}
