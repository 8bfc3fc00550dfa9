//! The rules beyond the schema, with the codes they are known by.

use crate::judgement::Level;
use serde::Deserialize;

/// A rule that a record broke although its schema may not mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Rule {
    /// A GTIN-13 with its check digit.
    Gtin,
    /// An ISBN with its check digit.
    Isbn,
    /// An ISMN with its check digit.
    Ismn,
    /// A product number that is empty.
    Identifier,
    /// A product number in the form of its scheme, not in that of another for the same number.
    IdentifierForm,
    /// A day of the calendar, written as the format says.
    Date,
    /// A decimal that is not negative.
    PriceAmount,
    /// A price has a currency, its own or the header's.
    Currency,
    /// A price has a kind, its own or the header's.
    PriceType,
    /// A number where a number belongs.
    Number,
    /// A unit the profile knows.
    Unit,
    /// A text in its declared format, without markup that may not reach a page.
    Markup,
    /// What a record cannot be without.
    Required,
    /// A notification type the profile knows.
    Notification,
    /// One record per reference in a feed.
    DuplicateReference,
    /// A record of bounded size.
    RecordSize,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 16] = [
        Self::Gtin,
        Self::Isbn,
        Self::Ismn,
        Self::Identifier,
        Self::IdentifierForm,
        Self::Date,
        Self::PriceAmount,
        Self::Currency,
        Self::PriceType,
        Self::Number,
        Self::Unit,
        Self::Markup,
        Self::Required,
        Self::Notification,
        Self::DuplicateReference,
        Self::RecordSize,
    ];

    /// The code; stable, so reports may be filtered by it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gtin => "rule.gtin",
            Self::Isbn => "rule.isbn",
            Self::Ismn => "rule.ismn",
            Self::Identifier => "rule.identifier",
            Self::IdentifierForm => "rule.identifier-form",
            Self::Date => "rule.date",
            Self::PriceAmount => "rule.price-amount",
            Self::Currency => "rule.currency",
            Self::PriceType => "rule.price-type",
            Self::Number => "rule.number",
            Self::Unit => "rule.unit",
            Self::Markup => "rule.markup",
            Self::Required => "rule.required",
            Self::Notification => "rule.notification",
            Self::DuplicateReference => "rule.duplicate-reference",
            Self::RecordSize => "rule.record-size",
        }
    }

    /// What breaking it weighs in formats that do not say so.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::IdentifierForm => Level::Notice,
            Self::Markup => Level::Warning,
            _ => Level::Error,
        }
    }

    /// The rule behind a code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }
}

/// A code that no rule has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no rule; known are {known}", known = Rule::ALL.map(Rule::code).join(", "))]
pub struct UnknownRule(String);

impl TryFrom<String> for Rule {
    type Error = UnknownRule;

    fn try_from(code: String) -> Result<Self, UnknownRule> {
        Self::of_code(&code).ok_or(UnknownRule(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_to_its_rule() {
        for rule in Rule::ALL {
            assert_eq!(Rule::of_code(rule.code()), Some(rule));
        }
        assert_eq!(
            Rule::try_from("rule.isbm".to_owned()).unwrap_err().to_string().split(';').next(),
            Some("`rule.isbm` is no rule")
        );
    }
}
