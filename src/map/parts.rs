//! The parts of a product, one function per kind of part.

use super::convert::{self, NumberFault};
use super::fault::{Spot, cut};
use super::pass::{AMOUNT, End, Pass};
use crate::feed::mapping::{
    ContributorRule, IdentifierRule, LanguageRule, MeasurementRule, MediaRule, PriceRule, RelatedRule,
    SeriesRule, SubjectRule, TextRule,
};
use crate::feed::{Found, Header, Measured, NodeId, Path, Rule, Unit, Value};
use crate::product::{
    Contributor, FieldSet, Identifier, IdentifierKind, Language, Measurements, MediaLink, Price, Product,
    ProductField, RecordReference, RelatedProduct, Series, Subject, Text, TextFormat,
    markup::{self, Clean},
    number,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashSet};

impl<'a> Pass<'a> {
    /// The product, as far as it can be read.
    pub(super) fn product(&mut self, root: NodeId, reference: RecordReference) -> Product {
        let mapping = self.profile.mapping();
        let prices = self.list(&mapping.prices, root, |rule| &rule.each, Self::price);
        Product {
            reference,
            edition_number: self.line_of(ProductField::EditionNumber, mapping.edition_number.as_ref(), root),
            title: self.line(mapping.title.as_ref(), root).unwrap_or_default(),
            subtitle: self.line_of(ProductField::Subtitle, mapping.subtitle.as_ref(), root),
            identifiers: self.identifiers(&mapping.identifiers, root),
            contributors: self.contributors(&mapping.contributors, root),
            instrumentation: self.line_of(
                ProductField::Instrumentation,
                mapping.instrumentation.as_ref(),
                root,
            ),
            form: self.line_of(ProductField::Form, mapping.form.as_ref(), root),
            binding: self.line_of(ProductField::Binding, mapping.binding.as_ref(), root),
            languages: self.built(ProductField::Languages, |pass| pass.languages(&mapping.languages, root)),
            series: self.built(ProductField::Series, |pass| {
                pass.list(&mapping.series, root, |rule| &rule.each, Self::series)
            }),
            publisher: self.line_of(ProductField::Publisher, mapping.publisher.as_ref(), root),
            imprint: self.line_of(ProductField::Imprint, mapping.imprint.as_ref(), root),
            pages: self.integer(mapping.pages.as_ref(), root, (0, i64::from(u32::MAX))).and_then(narrow),
            measurements: self.measurements(&mapping.measurements, root),
            publication_date: self.date(mapping.publication_date.as_ref(), root, End::From),
            publishing_status: self.line_of(
                ProductField::PublishingStatus,
                mapping.publishing_status.as_ref(),
                root,
            ),
            availability: self.line_of(ProductField::Availability, mapping.availability.as_ref(), root),
            stock: self.integer(mapping.stock.as_ref(), root, (i64::MIN, i64::MAX)),
            unpriced_reason: self
                .line_of(ProductField::UnpricedReason, mapping.unpriced_reason.as_ref(), root)
                .filter(|_| prices.is_empty()),
            prices,
            texts: self.list(&mapping.texts, root, |rule| &rule.each, Self::text),
            media: self.built(ProductField::Media, |pass| {
                pass.list(&mapping.media, root, |rule| &rule.each, Self::media)
            }),
            subjects: self.built(ProductField::Subjects, |pass| {
                pass.list(&mapping.subjects, root, |rule| &rule.each, Self::subject)
            }),
            related: self.built(ProductField::Related, |pass| pass.related(&mapping.related, root)),
        }
    }

    /// Parts that no rule looks into; none where nobody takes them.
    fn built<T>(&mut self, field: ProductField, make: impl FnOnce(&mut Self) -> Vec<T>) -> Vec<T> {
        if self.builds(field) { make(self) } else { Vec::new() }
    }

    /// What a record may not lack of the parts that it sends.
    pub(super) fn require(&mut self, root: NodeId, product: &Product, sent: FieldSet) {
        let said = product.said();
        for &field in &self.profile.mapping().required {
            let name = field.name();
            // A part that is there but wrong has been told already.
            if sent.contains(field) && !said.contains(field) && !self.faults.refuse() {
                let sentence = format!("the record has no {name}");
                self.fault(Rule::Required, Spot::lack(root), format!("a value for {name}"), sentence);
            }
        }
    }

    fn list<R, T>(
        &mut self,
        rules: &'a [R],
        root: NodeId,
        each: impl Fn(&'a R) -> &'a Path,
        make: impl Fn(&mut Self, &'a R, NodeId) -> Option<T>,
    ) -> Vec<T> {
        let mut list = Vec::new();
        for rule in rules {
            for node in each(rule).all(self.record, root) {
                list.extend(make(self, rule, node));
            }
        }
        list
    }

    /// The numbers, each once: one that is given in two forms is one number.
    fn identifiers(&mut self, rules: &'a [IdentifierRule], root: NodeId) -> Vec<Identifier> {
        let mut identifiers = self.list(rules, root, |rule| &rule.each, Self::identifier);
        let mut seen = HashSet::new();
        identifiers.retain(|identifier| seen.insert(identifier.clone()));
        identifiers
    }

    fn identifier(&mut self, rule: &IdentifierRule, node: NodeId) -> Option<Identifier> {
        let kind = self.kind_of(&rule.kinds, &rule.scheme, node);
        let found = rule.value.find(self.record, node)?;
        match Identifier::parse(kind, &found.text) {
            Ok(identifier) => {
                self.check_form(rule, &found, node);
                Some(identifier)
            }
            Err(error) => {
                self.number_fault(rule_of(kind), &found, node, &error);
                None
            }
        }
    }

    /// Whether a number that is right begins as numbers of its scheme do.
    fn check_form(&mut self, rule: &IdentifierRule, found: &Found<'_>, node: NodeId) {
        let scheme = rule.scheme.find(self.record, node);
        let begins = scheme.as_ref().and_then(|scheme| rule.begins.get(scheme.text.as_ref()));
        let (Some(scheme), Some(begins)) = (&scheme, begins) else { return };
        if number::compact(&found.text).is_ok_and(|number| number.starts_with(begins)) {
            return;
        }
        let (text, scheme) = (cut(&found.text), cut(&scheme.text));
        let sentence =
            format!("`{text}` is not written as numbers of scheme {scheme} are: they begin with {begins}");
        let expected = format!("a number that begins with {begins}");
        self.fault(Rule::IdentifierForm, Spot::of(found, node), expected, sentence);
    }

    fn kind_of(
        &self,
        kinds: &BTreeMap<String, IdentifierKind>,
        scheme: &Value,
        node: NodeId,
    ) -> IdentifierKind {
        let scheme = scheme.find(self.record, node);
        scheme.and_then(|code| kinds.get(code.text.as_ref()).copied()).unwrap_or(IdentifierKind::Other)
    }

    fn contributors(&mut self, rules: &[ContributorRule], root: NodeId) -> Vec<Contributor> {
        let mut list = Vec::new();
        for rule in rules {
            for node in rule.each.all(self.record, root) {
                self.contributor(rule, node, &mut list);
            }
        }
        list.sort_by_key(|contributor| contributor.sequence);
        list
    }

    fn contributor(&mut self, rule: &ContributorRule, node: NodeId, list: &mut Vec<Contributor>) {
        // Unnamed persons and the like: nothing to show.
        let Some(name) = self.line(Some(&rule.name), node) else { return };
        let sequence = self.integer(rule.sequence.as_ref(), node, (0, i64::from(u32::MAX))).and_then(narrow);
        let after_last = list.iter().map(|contributor| contributor.sequence).max().unwrap_or(0) + 1;
        let first = Contributor {
            sequence: sequence.unwrap_or(after_last),
            role: String::new(),
            name,
            sort_name: self.line(rule.sort_name.as_ref(), node),
            born: self.date(rule.born.as_ref(), node, End::From),
            died: self.date(rule.died.as_ref(), node, End::From),
        };
        let roles = rule.role.find_all(self.record, node);
        list.extend(
            roles.iter().map(|role| Contributor { role: convert::line(&role.text), ..first.clone() }),
        );
    }

    fn languages(&mut self, rules: &[LanguageRule], root: NodeId) -> Vec<Language> {
        let mut list = Vec::new();
        for rule in rules {
            for node in rule.each.all(self.record, root) {
                let role = self.line(Some(&rule.role), node).unwrap_or_default();
                list.extend(self.line(Some(&rule.code), node).map(|code| Language { role, code }));
            }
        }
        if list.is_empty() && !rules.is_empty() {
            let default = self.header.language.clone();
            list.extend(default.map(|code| Language { role: LANGUAGE_OF_TEXT.to_owned(), code }));
        }
        list
    }

    fn series(&mut self, rule: &SeriesRule, node: NodeId) -> Option<Series> {
        let title = self.line(Some(&rule.title), node)?;
        Some(Series { title, number: self.line(rule.number.as_ref(), node) })
    }

    fn measurements(&mut self, rules: &[MeasurementRule], root: NodeId) -> Measurements {
        let mut measurements = Measurements::default();
        for rule in rules {
            for node in rule.each.all(self.record, root) {
                self.measurement(rule, node, &mut measurements);
            }
        }
        measurements
    }

    fn measurement(&mut self, rule: &MeasurementRule, node: NodeId, into: &mut Measurements) {
        let kind = rule.kind.find(self.record, node).and_then(|code| rule.kinds.get(code.text.as_ref()));
        let Some(kind) = kind else { return };
        let (field, weighs) = match kind {
            Measured::Weight => (&mut into.weight_g, true),
            Measured::Height => (&mut into.height_mm, false),
            Measured::Width => (&mut into.width_mm, false),
            Measured::Thickness => (&mut into.thickness_mm, false),
        };
        let Some(found) = rule.value.find(self.record, node) else { return };
        let Some(value) = self.decimal_of(&found, node) else { return };
        let Some(unit) = self.unit(rule, node, weighs) else { return };
        match convert::measure(value, unit) {
            // The first of its kind counts.
            Some(value) => *field = field.or(Some(value)),
            None => {
                self.decimal_fault(Rule::Number, &found, node, &NumberFault::TooLong(cut(&found.text)));
            }
        }
    }

    fn unit(&mut self, rule: &MeasurementRule, node: NodeId, weighs: bool) -> Option<Unit> {
        let code = rule.unit.find(self.record, node);
        let unit = code.as_ref().and_then(|code| rule.units.get(code.text.as_ref()).copied());
        let fits = unit.filter(|unit| convert::is_weight(*unit) == weighs);
        if fits.is_none() {
            let expected = if weighs { "a unit of weight" } else { "a unit of length" };
            let text = code.as_ref().map_or("", |code| code.text.as_ref());
            let spot = code.as_ref().map_or(Spot::lack(node), |code| Spot::of(code, node));
            let sentence = format!("`{}` is not {expected} that this format knows", cut(text));
            self.fault(Rule::Unit, spot, expected.to_owned(), sentence);
        }
        fits
    }

    fn price(&mut self, rule: &PriceRule, node: NodeId) -> Option<Price> {
        let Header { currency, price_kind, .. } = self.header;
        let currency = self.or_default(&rule.currency, node, currency.as_ref(), (Rule::Currency, "currency"));
        let kind = self.or_default(&rule.kind, node, price_kind.as_ref(), (Rule::PriceType, "type"));
        let amount = self.price_amount(rule, node);
        let tax_percent = rule.tax_percent.as_ref().and_then(|tax| self.decimal(tax, node));
        let is_built = self.builds(ProductField::Prices);
        let minimum_quantity = self.integer(rule.minimum_quantity.as_ref(), node, (1, i64::from(u32::MAX)));
        Some(Price {
            qualifier: self.line_of(ProductField::Prices, rule.qualifier.as_ref(), node),
            minimum_quantity: minimum_quantity.and_then(narrow),
            conditions: self.conditions(rule.conditions.as_ref().filter(|_| is_built), node),
            tax_code: self.line_of(ProductField::Prices, rule.tax_code.as_ref(), node),
            tax_percent,
            territory: self.line_of(ProductField::Prices, rule.territory.as_ref(), node),
            valid_from: self.date(rule.valid_from.as_ref(), node, End::From),
            valid_until: self.date(rule.valid_until.as_ref(), node, End::Until),
            kind: kind?,
            amount: amount?,
            currency: currency?,
        })
    }

    /// What a price cannot be without: its own, or else the header's.
    fn or_default(
        &mut self,
        own: &Value,
        node: NodeId,
        default: Option<&String>,
        (rule, name): (Rule, &str),
    ) -> Option<String> {
        let found = self.line(Some(own), node).or_else(|| default.cloned());
        if found.is_none() {
            let sentence = format!("the price has no {name}, and the header names none");
            self.fault(rule, Spot::lack(node), format!("a {name}"), sentence);
        }
        found
    }

    /// The conditions in an order of their own, each as the texts in it.
    fn conditions(&self, each: Option<&Path>, node: NodeId) -> Option<String> {
        let conditions = each?.all(self.record, node).into_iter();
        let mut conditions: Vec<_> = conditions.map(|condition| self.words(condition)).collect();
        conditions.sort();
        (!conditions.is_empty()).then(|| conditions.join("; "))
    }

    /// The texts of an element's leaves, parted by spaces.
    fn words(&self, node: NodeId) -> String {
        let all = std::iter::once(node).chain(self.record.descendants(node));
        let leaves = all.filter(|node| self.record.children(*node).next().is_none());
        let texts = leaves.map(|leaf| convert::line(self.record.string(leaf)));
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn price_amount(&mut self, rule: &PriceRule, node: NodeId) -> Option<Decimal> {
        if let Some(found) = rule.amount.find(self.record, node) {
            return self.amount_of(&found, node);
        }
        let empty = rule.amount.node(self.record, node).unwrap_or(node);
        let sentence = "the price has no amount".to_owned();
        self.fault(Rule::PriceAmount, Spot::lack(empty), AMOUNT.to_owned(), sentence);
        None
    }

    fn text(&mut self, rule: &TextRule, node: NodeId) -> Option<Text> {
        let source = self.record.markup(node);
        let source = source.trim();
        let format = self.text_format(rule, node);
        let element = markup::first_element(source);
        // XHTML whose elements are written as text, a common mistake, is meant to be read as markup.
        let plain = format == TextFormat::Plain || (format == TextFormat::Xhtml && element.is_none());
        let text = if plain { markup::escape(source) } else { self.clean(source, format, node)? };
        if let (TextFormat::Plain, Some(element)) = (format, element) {
            let sentence = format!(
                "the text is plain by its format and has the element `{element}`: it is shown as text"
            );
            self.fault(Rule::Markup, Spot::lack(node), "a text without markup".to_owned(), sentence);
        }
        if !self.builds(ProductField::Texts) {
            return None;
        }
        (!text.is_empty()).then(|| Text {
            kind: self.line(Some(&rule.kind), node).unwrap_or_default(),
            language: self.line(rule.language.as_ref(), node),
            format,
            text,
        })
    }

    /// The format of a text: elements in it speak for themselves.
    fn text_format(&self, rule: &TextRule, node: NodeId) -> TextFormat {
        if self.record.children(node).next().is_some() {
            return TextFormat::Xhtml;
        }
        let code = rule.format.as_ref().and_then(|format| format.find(self.record, node));
        code.and_then(|code| rule.formats.get(code.text.as_ref()).copied()).unwrap_or(TextFormat::Plain)
    }

    /// A text with markup as a page can hold it; what was taken out is told.
    fn clean(&mut self, source: &str, format: TextFormat, node: NodeId) -> Option<String> {
        let Clean { text, removed } = match markup::clean(source, format) {
            Ok(clean) => clean,
            Err(error) => {
                self.refuse(
                    Rule::RecordSize,
                    Spot::lack(node),
                    "a shorter text".to_owned(),
                    error.to_string(),
                );
                return None;
            }
        };
        if !removed.is_empty() {
            let sentence = format!("taken out of the text: {}", removed.join(", "));
            self.fault(Rule::Markup, Spot::lack(node), "markup that a page may show".to_owned(), sentence);
        }
        Some(text.trim().to_owned())
    }

    fn media(&mut self, rule: &MediaRule, node: NodeId) -> Option<MediaLink> {
        let url = self.line(Some(&rule.url), node)?;
        Some(MediaLink { kind: self.line(Some(&rule.kind), node).unwrap_or_default(), url })
    }

    fn subject(&mut self, rule: &SubjectRule, node: NodeId) -> Option<Subject> {
        let scheme = self.line(Some(&rule.scheme), node)?;
        let code = self.line(rule.code.as_ref(), node);
        Some(Subject { scheme, code, heading: self.line(rule.heading.as_ref(), node) })
    }

    fn related(&mut self, rules: &[RelatedRule], root: NodeId) -> Vec<RelatedProduct> {
        let mut list = Vec::new();
        for rule in rules {
            for node in rule.each.all(self.record, root) {
                let Some(value) = self.line(Some(&rule.value), node) else { continue };
                let kind = self.kind_of(&rule.kinds, &rule.scheme, node);
                // A number that is wrong is the other record's business; one that is right has the form it has there.
                let identifier = Identifier::parse(kind, &value).unwrap_or(Identifier { kind, value });
                let relations = rule.relation.find_all(self.record, node);
                list.extend(relations.iter().map(|relation| RelatedProduct {
                    relation: convert::line(&relation.text),
                    identifier: identifier.clone(),
                }));
            }
        }
        list
    }
}

/// ONIX list 22.
const LANGUAGE_OF_TEXT: &str = "01";

fn narrow(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}

fn rule_of(kind: IdentifierKind) -> Rule {
    match kind {
        IdentifierKind::Gtin13 => Rule::Gtin,
        IdentifierKind::Isbn13 | IdentifierKind::Isbn10 => Rule::Isbn,
        IdentifierKind::Ismn => Rule::Ismn,
        IdentifierKind::Proprietary | IdentifierKind::Doi | IdentifierKind::Other => Rule::Identifier,
    }
}
