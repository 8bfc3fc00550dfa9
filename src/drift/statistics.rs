//! How surprising a count is: the beta-binomial distribution, its overdispersion, and many tests at once.
//!
//! A share that is the same in every feed would give binomial counts. Feeds are not like that: a delta is one series
//! tonight and another tomorrow. The beta-binomial has a second parameter for it, the correlation `rho` of records of
//! one feed, which is learned from how the feeds of the window differ.

/// Logarithm of the gamma function for positive arguments, by Lanczos with 9 terms; good to 13 digits.
pub(super) fn ln_gamma(x: f64) -> f64 {
    const G: f64 = 7.0;
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        // Reflection: the series is for what is above a half.
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let term = |(at, term): (usize, f64)| term / (x + at as f64 + 1.0);
    let sum = 0.999_999_999_999_809_9 + TERMS.into_iter().enumerate().map(term).sum::<f64>();
    let t = x + G + 0.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// A beta-binomial distribution: counts among `n`, each with a chance of `mean`, correlated by `rho`.
#[derive(Clone, Copy, Debug)]
pub(super) struct BetaBinomial {
    n: f64,
    a: f64,
    b: f64,
}

/// Least correlation: below, the distribution is binomial for all that can be told.
pub(super) const RHO_MIN: f64 = 1e-6;
/// Greatest.
pub(super) const RHO_MAX: f64 = 0.5;

impl BetaBinomial {
    pub(super) fn new(n: u64, mean: f64, rho: f64) -> Self {
        let size = 1.0 / rho.clamp(RHO_MIN, RHO_MAX) - 1.0;
        Self { n: n as f64, a: mean * size, b: (1.0 - mean) * size }
    }

    /// Chance of just `k`.
    pub(super) fn chance(self, k: f64) -> f64 {
        let Self { n, a, b } = self;
        let ways = -(n + 1.0).ln() - ln_beta(n - k + 1.0, k + 1.0);
        (ways + ln_beta(k + a, n - k + b) - ln_beta(a, b)).exp()
    }

    /// Two-sided chance of what is at least as far out as `k`, with half of the chance of `k` itself.
    pub(super) fn two_sided(self, k: u64) -> f64 {
        let k = k as f64;
        let here = self.chance(k);
        let above = k * (self.a + self.b) > self.n * self.a;
        let tail = here / 2.0 + if above { self.above(k, here) } else { self.below(k, here) };
        (2.0 * tail.min(1.0 - tail)).clamp(0.0, 1.0)
    }

    /// Chance of more than `k`, that of `k` being known.
    fn above(self, mut k: f64, mut term: f64) -> f64 {
        let Self { n, a, b } = self;
        let mut sum = 0.0;
        while k < n {
            term *= (n - k) * (a + k) / ((k + 1.0) * (b + n - k - 1.0));
            sum += term;
            k += 1.0;
            if self.is_over(term, sum) {
                break;
            }
        }
        sum
    }

    /// Chance of less than `k`.
    fn below(self, mut k: f64, mut term: f64) -> f64 {
        let Self { n, a, b } = self;
        let mut sum = 0.0;
        while k > 0.0 {
            term *= k * (b + n - k) / ((n - k + 1.0) * (a + k - 1.0));
            sum += term;
            k -= 1.0;
            if self.is_over(term, sum) {
                break;
            }
        }
        sum
    }

    /// Whether the rest of a tail is nothing: there is only one hill, and we are going down.
    fn is_over(self, term: f64, sum: f64) -> bool {
        self.a >= 1.0 && self.b >= 1.0 && term < sum * 1e-12
    }
}

/// Weight of the feed's average overdispersion against that of one share, in runs.
const PRIOR_RUNS: f64 = 8.0;
/// Overdispersion that is expected of feeds of which too few are known to tell: nights differ by some points.
pub(super) const RHO_UNKNOWN: f64 = 0.005;

/// How counts of several categories differ from run to run.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    /// Share of each category over the window.
    pub(super) shares: Vec<f64>,
    /// Overdispersion by itself; `None` when one run alone says nothing.
    pub(super) rho: Option<f64>,
    /// Runs that say something.
    pub(super) runs: usize,
    /// Counts in all of them.
    pub(super) total: u64,
}

impl Spread {
    /// Of counts by run and category.
    pub(super) fn of(window: &[Vec<u64>]) -> Self {
        let sizes: Vec<f64> = window.iter().map(|counts| counts.iter().sum::<u64>() as f64).collect();
        let categories = window.first().map_or(0, Vec::len);
        let total: f64 = sizes.iter().sum();
        let sum = |at: usize| window.iter().map(|counts| counts[at]).sum::<u64>() as f64;
        let binary = categories == 2;
        let smoothed =
            |at: usize| (sum(at) + 0.5) / (total + if binary { 1.0 } else { categories as f64 / 2.0 });
        let shares: Vec<f64> = (0..categories).map(smoothed).collect();
        let runs = sizes.iter().filter(|size| **size > 0.0).count();
        let rho = (runs > 1 && categories > 1).then(|| overdispersion(window, &sizes, &shares, runs));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of counts")]
        Self { shares, rho, runs, total: total as u64 }
    }

    /// The overdispersion to judge by: shrunk to that of the feed, widened since the mean is only estimated.
    pub(super) fn settled(&self, pool: f64) -> f64 {
        let runs = self.runs as f64;
        let own = self.rho.unwrap_or(pool).clamp(0.0, RHO_MAX);
        let shrunk = ((runs - 1.0) * own + PRIOR_RUNS * pool) / (runs - 1.0 + PRIOR_RUNS);
        (shrunk.max(RHO_MIN) * (1.0 + 1.0 / runs) + 1.0 / self.total.max(1) as f64).min(RHO_MAX)
    }
}

/// By Pearson's statistic, which is about `(runs - 1)(categories - 1)(1 + rho(n - 1))`.
fn overdispersion(window: &[Vec<u64>], sizes: &[f64], shares: &[f64], runs: usize) -> f64 {
    let total: f64 = sizes.iter().sum();
    let cell = |(counts, size): (&Vec<u64>, &f64)| {
        let part = |(count, share): (&u64, &f64)| (*count as f64 - size * share).powi(2) / (size * share);
        if *size > 0.0 { counts.iter().zip(shares).map(part).sum::<f64>() } else { 0.0 }
    };
    let statistic: f64 = window.iter().zip(sizes).map(cell).sum();
    let degrees = (runs as f64 - 1.0) * (shares.len() as f64 - 1.0);
    let squares: f64 = sizes.iter().map(|size| size * size).sum();
    let size = (total - squares / total) / (runs as f64 - 1.0);
    (statistic / degrees - 1.0) / (size - 1.0).max(1.0)
}

/// What the shares of a feed have in common: the greater of median and mean of their overdispersions.
pub(super) fn pooled<'a>(spreads: impl Iterator<Item = &'a Spread>) -> f64 {
    let tells = |spread: &&Spread| spread.shares.iter().any(|share| (0.02..0.98).contains(share));
    let mut known: Vec<f64> = spreads.filter(tells).filter_map(|spread| spread.rho).collect();
    known.sort_unstable_by(f64::total_cmp);
    let Some(median) = known.get(known.len() / 2) else { return RHO_MIN };
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    median.clamp(RHO_MIN, RHO_MAX).max(mean.clamp(RHO_MIN, RHO_MAX))
}

/// Which of many chances are too small to be chance, so that among those told at most a share of `q` are
/// (Benjamini and Hochberg): the greatest that counts, or none.
pub(super) fn significant(chances: &[f64], q: f64) -> Option<f64> {
    let mut sorted = chances.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let counts = |(at, chance): &(usize, f64)| *chance <= q * (*at as f64 + 1.0) / count;
    sorted.into_iter().enumerate().rfind(counts).map(|(_, chance)| chance)
}

/// Median of some numbers and how far they lie from it: 1.4826 times the median distance, which is a standard
/// deviation where they are normal.
pub(super) fn robust(numbers: &[f64]) -> Option<(f64, f64)> {
    let centre = median(numbers.to_vec())?;
    let spread = median(numbers.iter().map(|number| (number - centre).abs()).collect())?;
    Some((centre, 1.4826 * spread))
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    let half = numbers.len() / 2;
    match numbers.len() {
        0 => None,
        length if length % 2 == 1 => Some(numbers[half]),
        _ => Some(f64::midpoint(numbers[half - 1], numbers[half])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
    }

    #[test]
    fn the_gamma_function_has_its_known_values() {
        near(ln_gamma(1.0), 0.0, 1e-13);
        near(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln(), 1e-13);
        near(ln_gamma(5.0), 24.0_f64.ln(), 1e-12);
        near(ln_gamma(100.0), 359.134_205_369_575_4, 1e-10);
        near(ln_gamma(0.1), 2.252_712_651_734_206, 1e-12);
    }

    /// `scipy.stats.betabinom.pmf(3, 10, 2, 3)` and the like.
    #[test]
    fn chances_of_counts_have_their_known_values() {
        // a = 2, b = 3: size 5, so rho = 1/6.
        let ten = BetaBinomial::new(10, 0.4, 1.0 / 6.0);
        near(ten.chance(3.0), 144.0 / 1001.0, 1e-12);
        near((0..=10).map(|k| ten.chance(f64::from(k))).sum(), 1.0, 1e-12);
        // Next to no correlation: binomial.
        near(BetaBinomial::new(20, 0.3, 1e-9).chance(6.0), 0.191_638_982_753_443, 1e-4);
    }

    #[test]
    fn tails_are_sums_of_chances() {
        let case = |n: u64, mean: f64, rho: f64, k: u64| {
            let distribution = BetaBinomial::new(n, mean, rho);
            let sum = |from: u64, to: u64| (from..to).map(|k| distribution.chance(k as f64)).sum::<f64>();
            let half = distribution.chance(k as f64) / 2.0;
            let tails = [half + sum(0, k), half + sum(k + 1, n + 1)];
            near(distribution.two_sided(k), (2.0 * tails[0].min(tails[1])).min(1.0), 1e-9);
        };
        for k in [0, 1, 30, 50, 99, 100] {
            case(100, 0.5, 0.01, k);
            case(100, 0.95, 0.2, k);
            case(100, 0.001, 1e-6, k);
            case(100, 0.3, 0.5, k);
        }
    }

    #[test]
    fn overdispersion_is_that_of_the_feeds() {
        let even: Vec<_> = (0..20).map(|_| vec![30, 70]).collect();
        assert!(Spread::of(&even).rho.unwrap() <= 0.0);
        // Half the nights 10 %, half 50 %: variance of the share is 0.04, p(1 - p) is 0.21.
        let uneven: Vec<_> =
            (0..20).map(|at| if at % 2 == 0 { vec![100, 900] } else { vec![500, 500] }).collect();
        near(Spread::of(&uneven).rho.unwrap(), 0.04 / 0.21 * 20.0 / 19.0, 0.01);
        assert_eq!(Spread::of(&[vec![3, 4]]).rho, None);
    }

    #[test]
    fn shrinking_stays_between_own_and_pool_but_for_widening() {
        let uneven: Vec<_> =
            (0..20).map(|at| if at % 2 == 0 { vec![100, 900] } else { vec![500, 500] }).collect();
        let spread = Spread::of(&uneven);
        let settled = spread.settled(0.001);
        assert!(settled > 0.001 && settled < spread.rho.unwrap() * 1.05, "{settled}");
    }

    #[test]
    fn the_pool_is_the_greater_of_median_and_mean() {
        let spread = |rho: f64| Spread { shares: vec![0.5, 0.5], rho: Some(rho), runs: 20, total: 100 };
        near(pooled([0.1, 0.2, 0.6].map(spread).iter()), 0.3, 1e-12);
        near(pooled([-0.1, 0.2, 0.2].map(spread).iter()), 0.2, 1e-12);
        near(pooled([].iter()), RHO_MIN, 0.0);
        let rare = Spread { shares: vec![0.01, 0.99], ..spread(0.4) };
        near(pooled([rare].iter()), RHO_MIN, 0.0);
    }

    /// The example of the paper of 1995: four of fifteen at q = 0.05.
    #[test]
    fn many_tests_at_once_are_held_to_a_share() {
        let chances = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
            0.6528, 0.759, 1.0,
        ];
        assert_eq!(significant(&chances, 0.05), Some(0.0095));
        assert_eq!(significant(&[0.5, 0.9], 0.05), None);
        assert_eq!(significant(&[], 0.05), None);
    }

    #[test]
    fn one_wild_number_moves_nothing() {
        let (centre, spread) = robust(&[1.0, 2.0, 3.0, 4.0, 1000.0]).unwrap();
        near(centre, 3.0, 0.0);
        near(spread, 1.4826, 1e-9);
        assert_eq!(robust(&[]), None);
    }
}
