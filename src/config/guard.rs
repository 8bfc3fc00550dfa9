//! How much a feed may change before it is held, for all, for a format, for a sender.
//!
//! What is said for a sender beats what is said for a format, and that what is said for all, whoever said it.

use super::choice::Choice;
use super::error::ConfigError;
use super::key::Scope;
use super::layers::Layers;
use super::value::{Refusal, SettingValue};
use crate::judgement::Coverage;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The largest percentage of a limit.
const PERCENT_MAX: u16 = 1000;

/// Up to how many of a number something may be: written `5%/20`, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardLimit {
    /// Any number.
    Off,
    /// So many, or such a share.
    Of {
        /// Percent of the base, at most 1000.
        percent: u16,
        /// A number that is small whatever the base.
        floor: u64,
    },
}

impl GuardLimit {
    /// Whether a count is more than the share of its base, and more than the floor.
    #[must_use]
    pub fn exceeds(&self, count: u64, base: u64) -> bool {
        self.against(count, base).is_some_and(|(order, floor)| order.is_gt() && count > floor)
    }

    /// Whether a size is less than the share of the usual one, and more than the floor apart from it.
    #[must_use]
    pub fn falls_short(&self, size: u64, usual: u64) -> bool {
        let apart = usual.abs_diff(size);
        self.against(size, usual).is_some_and(|(order, floor)| order.is_lt() && apart > floor)
    }

    /// Whether a size is more than the share of the usual one, and more than the floor apart from it.
    #[must_use]
    pub fn outgrows(&self, size: u64, usual: u64) -> bool {
        let apart = usual.abs_diff(size);
        self.against(size, usual).is_some_and(|(order, floor)| order.is_gt() && apart > floor)
    }

    /// How a count compares to the share of a base, and the floor; nothing when there is no limit.
    fn against(self, count: u64, base: u64) -> Option<(Ordering, u64)> {
        match self {
            Self::Off => None,
            Self::Of { percent, floor } => {
                let share = u128::from(base) * u128::from(percent);
                Some(((u128::from(count) * 100).cmp(&share), floor))
            }
        }
    }
}

impl fmt::Display for GuardLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Of { percent, floor } => write!(f, "{percent}%/{floor}"),
        }
    }
}

/// Why a text is no limit of the guard.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum GuardError {
    /// Another form.
    #[error("`{0}` is no limit: write `PERCENT%/NUMBER` in whole numbers, such as `5%/20`, or `off`")]
    Limit(String),
    /// More than [`PERCENT_MAX`].
    #[error("{0} percent are too many: {PERCENT_MAX} are the most")]
    Percent(u64),
    /// A factor that changes nothing, or turns it round.
    #[error("`{0}` is no number above 1")]
    Factor(String),
}

impl SettingValue for GuardLimit {
    const NOUN: &'static str = "`PERCENT%/NUMBER` or `off`";

    fn read(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text == "off" {
            return Ok(Self::Off);
        }
        let number = |part: &str| part.trim().parse::<u64>().ok().filter(|_| !part.contains('+'));
        let read = text
            .split_once('/')
            .and_then(|(percent, floor)| Some((number(percent.trim().strip_suffix('%')?)?, number(floor)?)));
        let (percent, floor) = read.ok_or_else(|| GuardError::Limit(text.to_owned()))?;
        let small = u16::try_from(percent).ok().filter(|percent| *percent <= PERCENT_MAX);
        Ok(Self::Of { percent: small.ok_or(GuardError::Percent(percent))?, floor })
    }
}

/// How many times higher or lower a price has to be to have jumped.
pub(super) struct PriceFactor(Decimal);

impl SettingValue for PriceFactor {
    const NOUN: &'static str = "number above 1";

    fn read(text: &str) -> Result<Self, Refusal> {
        let factor = text.trim().parse::<Decimal>().ok().filter(|factor| *factor > Decimal::ONE);
        Ok(Self(factor.ok_or_else(|| GuardError::Factor(text.to_owned()))?))
    }
}

impl Choice for Coverage {
    const WORDS: &'static [(&'static str, Self)] =
        &[(Self::Full.as_str(), Self::Full), (Self::Delta.as_str(), Self::Delta)];
}

/// Up to what a feed is let in without anyone looking at it.
///
/// The defaults are those of the table of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardLimits {
    /// Products it withdraws, of those on hand.
    pub withdraw: GuardLimit,
    /// Products that can be had no more, of those that could.
    pub unavailable: GuardLimit,
    /// Products whose price changes, of those with one.
    pub price: GuardLimit,
    /// Products whose price jumps, of those with one.
    pub price_jump: GuardLimit,
    /// How many times higher or lower a price is that has jumped; more than 1.
    pub price_factor: Decimal,
    /// Records refused, of all of the feed.
    pub refused: GuardLimit,
    /// Products that change, of those on hand.
    pub update: GuardLimit,
    /// Products that are new, of those on hand.
    pub create: GuardLimit,
    /// Products that come to share a title, of all of the feed.
    pub same_title: GuardLimit,
    /// Records, of those that the last feeds had in the middle: see [`GuardLimit::falls_short`].
    pub size_min: GuardLimit,
    /// The same: see [`GuardLimit::outgrows`].
    pub size_max: GuardLimit,
}

impl GuardLimits {
    /// No limit at all.
    #[must_use]
    pub fn off() -> Self {
        let off = GuardLimit::Off;
        Self {
            withdraw: off,
            unavailable: off,
            price: off,
            price_jump: off,
            refused: off,
            update: off,
            create: off,
            same_title: off,
            size_min: off,
            size_max: off,
            ..Self::default()
        }
    }

    fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            withdraw: layers.read("guard.withdraw")?,
            unavailable: layers.read("guard.unavailable")?,
            price: layers.read("guard.price")?,
            price_jump: layers.read("guard.price_jump")?,
            price_factor: layers.read::<PriceFactor>("guard.price_factor")?.0,
            refused: layers.read("guard.refused")?,
            update: layers.read("guard.update")?,
            create: layers.read("guard.create")?,
            same_title: layers.read("guard.same_title")?,
            size_min: layers.read("guard.size_min")?,
            size_max: layers.read("guard.size_max")?,
        })
    }
}

impl Default for GuardLimits {
    fn default() -> Self {
        Self::settle(&Layers::default()).expect("the defaults of the table can be used")
    }
}

/// What is said for one format or sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    withdraw: Option<GuardLimit>,
    unavailable: Option<GuardLimit>,
    price: Option<GuardLimit>,
    price_jump: Option<GuardLimit>,
    price_factor: Option<Decimal>,
    refused: Option<GuardLimit>,
    update: Option<GuardLimit>,
    create: Option<GuardLimit>,
    same_title: Option<GuardLimit>,
    size_min: Option<GuardLimit>,
    size_max: Option<GuardLimit>,
    #[expect(clippy::option_option, reason = "it may be said that the profile says it")]
    feeds: Option<Option<Coverage>>,
}

impl Said {
    fn settle(layers: &Layers, scope: &Scope) -> Result<Self, ConfigError> {
        let limit = |key| layers.said::<GuardLimit>(scope, key);
        Ok(Self {
            withdraw: limit("guard.withdraw")?,
            unavailable: limit("guard.unavailable")?,
            price: limit("guard.price")?,
            price_jump: limit("guard.price_jump")?,
            price_factor: layers.said::<PriceFactor>(scope, "guard.price_factor")?.map(|factor| factor.0),
            refused: limit("guard.refused")?,
            update: limit("guard.update")?,
            create: limit("guard.create")?,
            same_title: limit("guard.same_title")?,
            size_min: limit("guard.size_min")?,
            size_max: limit("guard.size_max")?,
            feeds: layers.said(scope, "feeds")?,
        })
    }

    /// What holds when this is laid over what is said more widely.
    fn over(&self, wider: &GuardLimits) -> GuardLimits {
        GuardLimits {
            withdraw: self.withdraw.unwrap_or(wider.withdraw),
            unavailable: self.unavailable.unwrap_or(wider.unavailable),
            price: self.price.unwrap_or(wider.price),
            price_jump: self.price_jump.unwrap_or(wider.price_jump),
            price_factor: self.price_factor.unwrap_or(wider.price_factor),
            refused: self.refused.unwrap_or(wider.refused),
            update: self.update.unwrap_or(wider.update),
            create: self.create.unwrap_or(wider.create),
            same_title: self.same_title.unwrap_or(wider.same_title),
            size_min: self.size_min.unwrap_or(wider.size_min),
            size_max: self.size_max.unwrap_or(wider.size_max),
        }
    }
}

/// The guard, for every sender and format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardSettings {
    limits: GuardLimits,
    feeds: Option<Coverage>,
    scopes: BTreeMap<Scope, Said>,
}

impl GuardSettings {
    /// The same limits for every feed.
    #[must_use]
    pub fn of(limits: GuardLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Nothing is held.
    #[must_use]
    pub fn off() -> Self {
        Self::of(GuardLimits::off())
    }

    /// The limits of feeds of a format, such as `onix/3.0`, that bring products of a source.
    #[must_use]
    pub fn limits(&self, source: &str, format: &str) -> GuardLimits {
        let wider = self.limits.clone();
        self.said(source, format).iter().rev().fold(wider, |wider, said| said.over(&wider))
    }

    /// Whether such feeds are whole; `None` when no setting says it.
    #[must_use]
    pub fn feeds(&self, source: &str, format: &str) -> Option<Coverage> {
        self.said(source, format).iter().find_map(|said| said.feeds).unwrap_or(self.feeds)
    }

    /// What is said for fewer than all, the narrowest first.
    fn said(&self, source: &str, format: &str) -> Vec<&Said> {
        let scopes = Scope::narrowing(source, format).into_iter();
        scopes.filter_map(|scope| self.scopes.get(&scope)).collect()
    }

    pub(super) fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        let scopes: BTreeSet<_> = layers.scoped().map(|key| key.scope).collect();
        let said = |scope: Scope| Ok((scope.clone(), Said::settle(layers, &scope)?));
        let scopes = scopes.into_iter().map(said).collect::<Result<_, ConfigError>>()?;
        Ok(Self { limits: GuardLimits::settle(layers)?, feeds: layers.read("feeds")?, scopes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn limit(text: &str) -> GuardLimit {
        GuardLimit::read(text).expect("a limit")
    }

    #[test]
    fn a_limit_is_written_as_it_is_read() {
        for text in ["5%/20", "0%/0", "1000%/18446744073709551615", "off"] {
            assert_eq!(limit(text).to_string(), text);
        }
        assert_eq!(limit(" 5 % / 20 "), GuardLimit::Of { percent: 5, floor: 20 });
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        let reason = |text| GuardLimit::read(text).expect_err("must be refused").to_string();
        for text in
            ["", "5", "5%", "5/20", "5%/", "%/20", "-5%/20", "+5%/20", "5%/+2", "2.5%/20", "on", "5%/20%"]
        {
            assert!(reason(text).starts_with(&format!("`{text}` is no limit: write `PERCENT%")), "{text}");
        }
        assert_eq!(reason("1001%/20"), "1001 percent are too many: 1000 are the most");
        assert_eq!(reason("65537%/20"), "65537 percent are too many: 1000 are the most");
        let factor =
            |text| PriceFactor::read(text).map(|factor| factor.0.to_string()).map_err(|e| e.to_string());
        assert_eq!(factor(" 1.01 "), Ok("1.01".into()));
        for text in ["1", "0.5", "-2", "two", "2,5"] {
            assert_eq!(factor(text), Err(format!("`{text}` is no number above 1")));
        }
    }

    #[test]
    fn a_limit_is_exceeded_beyond_share_and_floor() {
        let exceeds = |count, base| limit("5%/20").exceeds(count, base);
        assert!(!exceeds(20, 20) && exceeds(21, 20), "the floor is never too much");
        assert!(!exceeds(50, 1000) && exceeds(51, 1000), "nor is the share");
        assert!(!limit("0%/0").exceeds(0, 0) && limit("0%/0").exceeds(1, 0));
        assert!(!limit("off").exceeds(u64::MAX, 1));
        assert!(!limit("1000%/0").exceeds(u64::MAX, u64::MAX), "nothing overflows");
    }

    #[test]
    fn a_size_is_held_when_share_and_difference_say_so() {
        let (least, most) = (limit("70%/20"), limit("200%/20"));
        assert!(least.falls_short(69, 100) && !least.falls_short(70, 100));
        assert!(least.falls_short(0, 21) && !least.falls_short(0, 20), "apart by as many as the number");
        assert!(most.outgrows(201, 100) && !most.outgrows(200, 100));
        assert!(most.outgrows(31, 10) && !most.outgrows(30, 10));
        assert!(!limit("off").falls_short(0, 1000) && !limit("off").outgrows(1000, 0));
    }

    #[test]
    fn a_guard_may_be_made_by_hand() {
        let off = GuardSettings::off();
        let limits = off.limits("anyone", "catalogue/1.0");
        assert_eq!(limits, GuardLimits::off());
        assert_eq!(limits.price_factor, Decimal::new(25, 1));
        assert_eq!(off.feeds("anyone", "catalogue/1.0"), None);
        let withdraw = GuardLimit::Of { percent: 1, floor: 1 };
        let own = GuardSettings::of(GuardLimits { withdraw, ..GuardLimits::off() });
        assert_eq!(own.limits("anyone", "onix/3.0").withdraw, withdraw);
        assert_eq!(GuardSettings::default().limits("", ""), GuardLimits::default());
    }
}
