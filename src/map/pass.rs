//! One record on its way through the mapper: texts looked up, converted, and faults noted.

use super::convert::{self, NumberFault};
use super::fault::{Faults, Spot, cut};
use super::mapper::Products;
use crate::feed::{FeedProfile, Found, Header, NodeId, Record, Rule, Value};
use crate::judgement::Level;
use crate::product::{
    DateForm, DateValue, Identifier, IdentifierKind, NumberError, PartialDate, ProductField, moment,
};
use rust_decimal::Decimal;

/// What a price amount should be.
pub(super) const AMOUNT: &str = "a decimal amount such as 12.50, not negative";

/// One record on its way through the mapper.
pub(super) struct Pass<'a> {
    pub(super) profile: &'a FeedProfile,
    pub(super) record: &'a Record,
    pub(super) header: &'a Header,
    pub(super) products: Products,
    pub(super) faults: Faults,
}

/// Which end of a date: a stretch has two.
#[derive(Clone, Copy)]
pub(super) enum End {
    From,
    Until,
}

impl Pass<'_> {
    /// Notes a fault at the level the profile gives its rule.
    pub(super) fn fault(&mut self, rule: Rule, spot: Spot<'_>, expected: String, sentence: String) {
        let level = self.profile.level(rule.code()).unwrap_or(rule.level());
        self.faults.push((rule, level), (self.record, spot), (expected, sentence));
    }

    /// Notes a fault that refuses the record whatever the profile says.
    pub(super) fn refuse(&mut self, rule: Rule, spot: Spot<'_>, expected: String, sentence: String) {
        self.faults.push((rule, Level::Error), (self.record, spot), (expected, sentence));
    }

    /// When the record was changed last. What is no date refuses nothing: it only decides nothing.
    pub(super) fn changed(&mut self, root: NodeId) -> Option<i64> {
        let found = self.profile.changed()?.find(self.record, root)?;
        let changed = moment(&found.text);
        if changed.is_none() {
            let sentence =
                format!("`{}` is no date, so the age of the record is not known", cut(&found.text));
            let expected = "a date such as 20240115 or 2024-01-15T12:00:00Z".to_owned();
            let spot = Spot::of(&found, root);
            self.faults.push((Rule::Date, Level::Warning), (self.record, spot), (expected, sentence));
        }
        changed
    }

    /// The profile's checks of single elements.
    pub(super) fn check(&mut self, root: NodeId) {
        for check in self.profile.checks() {
            for node in check.each.all(self.record, root) {
                self.check_text(check.rule, node);
            }
        }
    }

    fn check_text(&mut self, rule: Rule, node: NodeId) {
        let found = Found { text: self.record.string(node).trim().into(), node: Some(node), attribute: None };
        match rule {
            Rule::Date => _ = self.date_of(&found, node),
            Rule::PriceAmount => _ = self.amount_of(&found, node),
            Rule::Gtin => self.check_number(IdentifierKind::Gtin13, rule, &found),
            Rule::Isbn => self.check_number(IdentifierKind::Isbn13, rule, &found),
            Rule::Ismn => self.check_number(IdentifierKind::Ismn, rule, &found),
            // The profile has no other checks but of numbers.
            _ => _ = self.decimal_of(&found, node),
        }
    }

    fn check_number(&mut self, kind: IdentifierKind, rule: Rule, found: &Found<'_>) {
        if let (Err(error), Some(node)) = (Identifier::parse(kind, &found.text), found.node) {
            self.number_fault(rule, found, node, &error);
        }
    }

    /// Whether a part of the product is to be built: somebody takes it, or a rule asks whether it is there.
    pub(super) fn builds(&self, field: ProductField) -> bool {
        self.products == Products::Wanted || self.profile.mapping().required.contains(&field)
    }

    /// The same as [`line`](Self::line), for a part that no rule looks into.
    pub(super) fn line_of(
        &self,
        field: ProductField,
        value: Option<&Value>,
        context: NodeId,
    ) -> Option<String> {
        if self.builds(field) { self.line(value, context) } else { None }
    }

    pub(super) fn line(&self, value: Option<&Value>, context: NodeId) -> Option<String> {
        value?.find(self.record, context).map(|found| convert::line(&found.text))
    }

    pub(super) fn integer(
        &mut self,
        value: Option<&Value>,
        context: NodeId,
        bounds: (i64, i64),
    ) -> Option<i64> {
        let found = value?.find(self.record, context)?;
        let number = convert::integer(&found.text, bounds);
        number.map_err(|fault| self.decimal_fault(Rule::Number, &found, context, &fault)).ok()
    }

    pub(super) fn decimal(&mut self, value: &Value, context: NodeId) -> Option<Decimal> {
        let found = value.find(self.record, context)?;
        self.decimal_of(&found, context)
    }

    pub(super) fn decimal_of(&mut self, found: &Found<'_>, context: NodeId) -> Option<Decimal> {
        let number = convert::amount(&found.text);
        number.map_err(|fault| self.decimal_fault(Rule::Number, found, context, &fault)).ok()
    }

    pub(super) fn amount_of(&mut self, found: &Found<'_>, context: NodeId) -> Option<Decimal> {
        let number = convert::amount(&found.text);
        number.map_err(|fault| self.decimal_fault(Rule::PriceAmount, found, context, &fault)).ok()
    }

    pub(super) fn date(&mut self, value: Option<&Value>, context: NodeId, end: End) -> Option<String> {
        let found = value?.find(self.record, context)?;
        let date = self.date_of(&found, context)?;
        let date: Option<PartialDate> = match end {
            End::From => date.from,
            End::Until => date.until,
        };
        date.map(|date| date.to_string())
    }

    fn date_of(&mut self, found: &Found<'_>, context: NodeId) -> Option<DateValue> {
        let node = found.node.unwrap_or(context);
        let code = self.profile.date_form().find(self.record, node)?;
        let Some(form) = date_form(&code.text) else {
            let sentence = format!("`{}` is no known date format", cut(&code.text));
            self.fault(Rule::Date, Spot::of(&code, node), "a code of ONIX list 55".to_owned(), sentence);
            return None;
        };
        match form.parse(&found.text) {
            Ok(date) => Some(date),
            Err(error) => {
                let expected = format!("a date written as {}", form.layout());
                self.fault(Rule::Date, Spot::of(found, context), expected, error.to_string());
                None
            }
        }
    }

    pub(super) fn decimal_fault(
        &mut self,
        rule: Rule,
        found: &Found<'_>,
        context: NodeId,
        fault: &NumberFault,
    ) {
        let expected = match (rule, fault) {
            (Rule::PriceAmount, _) => AMOUNT.to_owned(),
            (_, NumberFault::NoInteger(..)) => "a whole number".to_owned(),
            _ => "a decimal number that is not negative".to_owned(),
        };
        self.fault(rule, Spot::of(found, context), expected, fault.to_string());
    }

    pub(super) fn number_fault(
        &mut self,
        rule: Rule,
        found: &Found<'_>,
        context: NodeId,
        error: &NumberError,
    ) {
        self.fault(rule, Spot::of(found, context), error.expected(), error.to_string());
    }
}

fn date_form(code: &str) -> Option<DateForm> {
    match code {
        "iso" => Some(DateForm::Iso),
        "iso-day" => Some(DateForm::IsoDay),
        code => DateForm::of_onix_code(code),
    }
}
