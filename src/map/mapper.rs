//! Applies a profile to a record and collects what is wrong instead of stopping.

use super::fault::{Faults, MappingFault, Spot, cut};
use super::pass::Pass;
use crate::feed::{FeedProfile, Header, NodeId, NotificationKind, Record, Rule};
use crate::judgement::{Action, Level};
use crate::product::{Amendment, FieldSet, Fingerprint, Product, ProductField, RecordReference};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record, mapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// Its key, if one can be read.
    pub key: Option<RecordReference>,
    /// When it was changed last, as it says, in seconds since 1970.
    pub changed: Option<i64>,
    /// What it wants; `None` when a fault at error level refuses it.
    pub action: Option<Action>,
    /// What is wrong with it, in the order it was found.
    pub faults: Vec<MappingFault>,
    /// Faults beyond `FAULTS_KEPT_MAX`, counted.
    pub unkept: BTreeMap<(Rule, Level), u64>,
}

/// What is to become of accepted records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Products {
    /// Somebody takes the products.
    #[default]
    Wanted,
    /// Nobody does: a record is judged, and nothing is built that no rule looks at.
    Unread,
}

/// Maps the records of one format.
#[derive(Clone, Debug)]
pub struct Mapper {
    profile: Arc<FeedProfile>,
    products: Products,
}

impl Mapper {
    /// A mapper for feeds of this format.
    #[must_use]
    pub fn new(profile: Arc<FeedProfile>) -> Self {
        Self { profile, products: Products::Wanted }
    }

    /// The same; without readers of products, accepted records that bring some come to [`Action::Ignore`].
    #[must_use]
    pub fn with_products(self, products: Products) -> Self {
        Self { products, ..self }
    }

    fn pass<'a>(&'a self, record: &'a Record, header: &'a Header, products: Products) -> Pass<'a> {
        Pass { profile: &self.profile, record, header, products, faults: Faults::default() }
    }

    /// Maps a record under the header of its feed.
    #[must_use]
    pub fn map(&self, record: &Record, header: &Header) -> Mapped {
        let Some(root) = record.root() else { return Mapped::default() };
        let key = self.profile.key().find(record, root).and_then(|key| RecordReference::new(&key.text));
        let mut pass = self.pass(record, header, self.products);
        let changed = pass.changed(root);
        let action = judge(&mut pass, root, key.as_ref());
        let Faults { kept, unkept } = pass.faults;
        Mapped { key, changed, action, faults: kept, unkept }
    }

    /// What the record wants, as far as it can be read, were nothing wrong with it; `None` where not even that is to be
    /// seen.
    #[must_use]
    pub fn draft(&self, record: &Record, header: &Header) -> Option<Action> {
        let root = record.root().filter(|_| record.overflow().is_none())?;
        let mut pass = self.pass(record, header, Products::Wanted);
        let kind = notification(&mut pass, root).unwrap_or(NotificationKind::New);
        if kind == NotificationKind::Delete {
            return Some(Action::Withdraw);
        }
        let key = self.profile.key().find(record, root).and_then(|key| RecordReference::new(&key.text));
        let product = pass.product(root, key.unwrap_or_else(placeholder));
        let sent =
            if kind == NotificationKind::Amend { sent(&pass, root, &product) } else { FieldSet::default() };
        Some(action(kind, product, sent))
    }

    /// The fault of a record whose reference another record of the feed has.
    #[must_use]
    pub fn duplicate(&self, record: &Record) -> Option<MappingFault> {
        let root = record.root()?;
        let key = self.profile.key().find(record, root)?;
        let header = Header::default();
        let mut pass = self.pass(record, &header, Products::Wanted);
        let sentence = format!("another record of this feed has the record reference `{}`", cut(&key.text));
        let expected = "a reference of its own".to_owned();
        pass.fault(Rule::DuplicateReference, Spot::of(&key, root), expected, sentence);
        pass.faults.kept.pop()
    }
}

fn judge(pass: &mut Pass<'_>, root: NodeId, key: Option<&RecordReference>) -> Option<Action> {
    if let Some(overflow) = pass.record.overflow() {
        pass.refuse(Rule::RecordSize, Spot::lack(root), "a smaller record".to_owned(), overflow.to_string());
        return None;
    }
    let kind = notification(pass, root);
    if key.is_none() {
        lacks_key(pass, root);
    }
    if kind == Some(NotificationKind::Delete) {
        return key.map(|_| Action::Withdraw);
    }
    let is_unread = pass.products == Products::Unread;
    if kind == Some(NotificationKind::Amend) {
        // What it sends may depend on what it says.
        pass.products = Products::Wanted;
    }
    // Without a key nothing comes of it, but its other faults are told all the same.
    let product = pass.product(root, key.cloned().unwrap_or_else(placeholder));
    pass.check(root);
    let sent = match kind {
        Some(NotificationKind::New | NotificationKind::Update) => ProductField::ALL.into_iter().collect(),
        Some(NotificationKind::Amend) => sent(pass, root, &product),
        Some(NotificationKind::Delete | NotificationKind::Ignore) | None => FieldSet::default(),
    };
    pass.require(root, &product, sent);
    match kind {
        _ if pass.faults.refuse() => None,
        Some(_) if is_unread => Some(Action::Ignore),
        kind => kind.map(|kind| action(kind, product, sent)),
    }
}

/// Why the record has no key: there is none, or none that can be kept.
fn lacks_key(pass: &mut Pass<'_>, root: NodeId) {
    let profile = pass.profile;
    match profile.key().find(pass.record, root) {
        Some(found) if !found.text.trim().is_empty() => {
            let (length, max) = (found.text.trim().len(), RecordReference::BYTES_MAX);
            let sentence = format!("the record reference has {length} bytes, {max} are the most");
            let expected = format!("a record reference of at most {max} bytes");
            pass.refuse(Rule::Required, Spot::of(&found, root), expected, sentence);
        }
        _ => {
            let sentence = "the record has no record reference".to_owned();
            pass.refuse(Rule::Required, Spot::lack(root), "a record reference".to_owned(), sentence);
        }
    }
}

/// The parts that an amendment replaces: all that its blocks map, or, in a format without blocks, what it says.
fn sent(pass: &Pass<'_>, root: NodeId, product: &Product) -> FieldSet {
    let blocks = pass.profile.blocks();
    if blocks.is_empty() {
        let said = product.said();
        // A price takes the place of the reason for having none, and the other way round.
        let offer = [ProductField::Prices, ProductField::UnpricedReason];
        let offers = offer.iter().any(|field| said.contains(*field));
        return if offers { said.union(offer.into_iter().collect()) } else { said };
    }
    let there = blocks.iter().filter(|block| block.each.first(pass.record, root).is_some());
    there.fold(FieldSet::default(), |sent, block| sent.union(block.fields))
}

fn action(kind: NotificationKind, product: Product, sent: FieldSet) -> Action {
    match kind {
        NotificationKind::New | NotificationKind::Update => {
            let fingerprint = Fingerprint::of(&product);
            Action::Upsert(Box::new(product), fingerprint)
        }
        NotificationKind::Amend => Action::Amend(Box::new(Amendment { change: product, sent })),
        NotificationKind::Delete => Action::Withdraw,
        NotificationKind::Ignore => Action::Ignore,
    }
}

fn placeholder() -> RecordReference {
    RecordReference::new("?").expect("it is not empty")
}

/// What the record wants. Whatever the profile's severities: who does not say so is refused.
fn notification(pass: &mut Pass<'_>, root: NodeId) -> Option<NotificationKind> {
    let profile = pass.profile;
    let code = profile.notification().and_then(|path| path.find(pass.record, root));
    let kind = profile.notification_kind(code.as_ref().map(|code| code.text.as_ref()));
    if kind.is_none() {
        let expected = format!("one of {}", profile.notification_codes().collect::<Vec<_>>().join(", "));
        let (spot, sentence) = code.as_ref().map_or_else(
            || (Spot::lack(root), "the record has no notification type".to_owned()),
            |code| (Spot::of(code, root), format!("`{}` is no notification type", cut(&code.text))),
        );
        pass.refuse(Rule::Notification, spot, expected, sentence);
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{CutStep, Cutter, RecordLimits, testing};
    use crate::map::fault::FAULTS_KEPT_MAX;
    use crate::product::markup::MARKUP_BYTES_MAX;
    use crate::product::{IdentifierKind, TextFormat};

    fn profile() -> Arc<FeedProfile> {
        let text = include_str!("../../schemas/onix/3.0/profile.toml");
        Arc::new(FeedProfile::parse(text, "onix").unwrap())
    }

    #[test]
    fn a_refused_record_is_read_as_far_as_it_can_be() {
        let drafted = |content: &str| last("", RecordLimits::default(), content, Mapper::draft);
        let wrong =
            format!("<NotificationType>77</NotificationType>{TITLE}{}", identifier("03", "9790110010000"));
        assert_eq!(onix(&wrong).action, None);
        let Some(Action::Upsert(product, _)) = drafted(&wrong) else { panic!("it has a title") };
        assert_eq!((product.title.as_str(), product.identifiers.len()), ("Fuge", 0));
        assert_eq!(drafted("<NotificationType>05</NotificationType>"), Some(Action::Withdraw));
        let amended = drafted(&format!("<NotificationType>04</NotificationType>{TITLE}"));
        assert!(
            matches!(amended, Some(Action::Amend(amended)) if amended.sent.contains(ProductField::Title))
        );
    }

    /// Maps the last product of a message with this header and content.
    fn map(header: &str, limits: RecordLimits, content: &str) -> Mapped {
        last(header, limits, content, Mapper::map)
    }

    /// What a mapper makes of it.
    fn last<T>(
        header: &str,
        limits: RecordLimits,
        content: &str,
        made: impl Fn(&Mapper, &Record, &Header) -> T,
    ) -> T {
        let profile = profile();
        let mut cutter = Cutter::new(Arc::clone(&profile), limits);
        let mut last = None;
        let feed = format!(
            "<ONIXMessage><Header>{header}</Header><Product/><Product>{content}</Product></ONIXMessage>"
        );
        testing::drive(&feed, |step| {
            if step.apply(&mut cutter) == CutStep::RecordEnd {
                last = Some(made(&Mapper::new(Arc::clone(&profile)), cutter.record(), cutter.header()));
            }
        });
        last.expect("a product ended")
    }

    fn onix(content: &str) -> Mapped {
        map("", RecordLimits::default(), &format!("<RecordReference>a</RecordReference>{content}"))
    }

    fn line(fault: &MappingFault) -> String {
        format!("{} {}: {}", fault.rule.code(), fault.path, fault.sentence)
    }

    /// The faults of a product that refuse it, each as `code path: sentence`.
    #[track_caller]
    fn case(content: &str, expected: &[&str]) {
        let mapped = onix(&format!("<NotificationType>03</NotificationType>{TITLE}{content}"));
        assert_eq!(mapped.faults.iter().map(line).collect::<Vec<_>>(), expected);
        assert_eq!(mapped.action.is_none(), !expected.is_empty());
    }

    const TITLE: &str = "<DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement>\
        <TitleElementLevel>01</TitleElementLevel><TitleText>Fuge</TitleText></TitleElement></TitleDetail>\
        </DescriptiveDetail>";

    fn identifier(scheme: &str, value: &str) -> String {
        format!(
            "<ProductIdentifier><ProductIDType>{scheme}</ProductIDType><IDValue>{value}</IDValue></ProductIdentifier>"
        )
    }

    #[test]
    fn numbers_are_checked_by_their_scheme() {
        let wrong = "the check digit of `9790110000008` is wrong: it is `8`, the digits before it give `7`";
        let both = identifier("01", "x") + &identifier("03", "9790110000008");
        case(&both, &[&format!("rule.gtin /ONIXMessage/Product[2]/ProductIdentifier[2]/IDValue: {wrong}")]);
        case(
            &identifier("25", "9783161484100"),
            &["rule.ismn /ONIXMessage/Product[2]/ProductIdentifier/IDValue: \
                `9783161484100` does not begin as ISMN does: 9790 or M"],
        );
        case(
            &identifier("15", "9790110000007"),
            &["rule.isbn /ONIXMessage/Product[2]/ProductIdentifier/IDValue: \
                `9790110000007` does not begin as ISBN-13 does: 978 or 979, and not 979-0, which is ISMN"],
        );
        case(
            &identifier("02", "316148410"),
            &["rule.isbn /ONIXMessage/Product[2]/ProductIdentifier/IDValue: \
                `316148410` has 9 characters, ISBN-10 has 10"],
        );
        case(&identifier("13", "anything"), &[]);
        let related = identifier("03", "9790110000008");
        let relation = "<RelatedMaterial><RelatedProduct><ProductRelationCode>06</ProductRelationCode>";
        case(&format!("{relation}{related}</RelatedProduct></RelatedMaterial>"), &[]);
    }

    #[test]
    fn an_ismn_is_one_number_under_either_scheme() {
        let place = "/ONIXMessage/Product[2]/ProductIdentifier/IDValue";
        let case = |scheme: &str, text: &str, expected: &[(Level, &str)]| {
            let mapped =
                onix(&format!("<NotificationType>03</NotificationType>{TITLE}{}", identifier(scheme, text)));
            let Some(Action::Upsert(product, _)) = mapped.action else {
                panic!("{text}: {:?}", mapped.faults)
            };
            let number = &product.identifiers[0];
            assert_eq!(
                (number.kind, number.value.as_str()),
                (IdentifierKind::Ismn, "9790260000438"),
                "{text}"
            );
            let faults: Vec<_> = mapped.faults.iter().map(|fault| (fault.level, line(fault))).collect();
            let expected: Vec<_> =
                expected.iter().map(|(level, rest)| (*level, rest.replace('@', place))).collect();
            assert_eq!(faults, expected, "{text}");
        };
        case("25", "9790260000438", &[]);
        case("25", "979-0-2600-0043-8", &[]);
        case("05", "M260000438", &[]);
        case("05", "M-2600-0043-8", &[]);
        let begins = "is not written as numbers of scheme";
        let thirteen = format!("rule.identifier-form @: `9790260000438` {begins} 05 are: they begin with M");
        case("05", "9790260000438", &[(Level::Notice, &thirteen)]);
        let ten = format!("rule.identifier-form @: `M 2600 0043 8` {begins} 25 are: they begin with 9790");
        case("25", "M 2600 0043 8", &[(Level::Notice, &ten)]);
    }

    #[test]
    fn a_number_in_two_forms_is_one_and_that_of_another_product_has_the_form_it_has_there() {
        let numbers = identifier("05", "M260000438")
            + &identifier("25", "9790260000438")
            + &identifier("03", "9790260000438");
        let related = |number: &str| {
            format!(
                "<RelatedProduct><ProductRelationCode>06</ProductRelationCode>{}</RelatedProduct>",
                identifier("05", number)
            )
        };
        let material = format!(
            "<RelatedMaterial>{}{}</RelatedMaterial>",
            related("M-2600-0043-8"),
            related("M-2600-0043-9")
        );
        let product = product(&(numbers + TITLE + &material));
        let kinds: Vec<_> = product.identifiers.iter().map(|each| each.kind).collect();
        assert_eq!(kinds, [IdentifierKind::Ismn, IdentifierKind::Gtin13]);
        let related: Vec<_> = product.related.iter().map(|each| each.identifier.value.as_str()).collect();
        assert_eq!(related, ["9790260000438", "M-2600-0043-9"]);
    }

    #[test]
    fn a_date_is_judged_by_its_format_and_told_once() {
        let date = |date: &str| {
            format!(
                "<PublishingDetail><PublishingDate><PublishingDateRole>01</PublishingDateRole>{date}\
                 </PublishingDate></PublishingDetail>"
            )
        };
        let place = "rule.date /ONIXMessage/Product[2]/PublishingDetail/PublishingDate/Date:";
        let lacks = "is no date of the calendar: month 02 of 2023 has 28 days, the date has day 30";
        case(&date("<Date dateformat='00'>20230230</Date>"), &[&format!("{place} `20230230` {lacks}")]);
        case(
            &date("<Date>2023-02-28</Date>"),
            &[&format!("{place} `2023-02-28` is not written as YYYYMMDD")],
        );
        case(&date("<Date dateformat='05'>1986</Date>"), &[]);
        case(&date("<DateFormat>05</DateFormat><Date>1986</Date>"), &[]);
        case(&date("<Date dateformat='12'>perhaps in spring</Date>"), &[]);
        let format = format!("{}/@dateformat: `77` is no known date format", place.trim_end_matches(':'));
        case(&date("<Date dateformat='77'>1986</Date>"), &[&format]);
    }

    fn price(inner: &str) -> String {
        let kind = "<PriceType>04</PriceType>";
        format!("<ProductSupply><SupplyDetail><Price>{kind}{inner}</Price></SupplyDetail></ProductSupply>")
    }

    fn product(content: &str) -> Product {
        let mapped = onix(&format!("<NotificationType>03</NotificationType>{content}"));
        let Some(Action::Upsert(product, _)) = mapped.action else { panic!("{mapped:?}") };
        *product
    }

    #[test]
    fn prices_are_told_apart_by_whom_they_are_for_and_what_they_ask_for() {
        let amount = "<PriceAmount>1</PriceAmount><CurrencyCode>EUR</CurrencyCode>";
        let case = |holds_for: &str, expected: (Option<&str>, Option<u32>, Option<&str>)| {
            let found = product(&price(&format!("{holds_for}{amount}"))).prices.remove(0);
            let found = (found.qualifier, found.minimum_quantity, found.conditions);
            assert_eq!((found.0.as_deref(), found.1, found.2.as_deref()), expected, "{holds_for}");
        };
        case("", (None, None, None));
        case("<PriceQualifier>06</PriceQualifier>", (Some("06"), None, None));
        case("<MinimumOrderQuantity> 010 </MinimumOrderQuantity>", (None, Some(10), None));
        let condition = |inner: &str| format!("<PriceCondition>{inner}</PriceCondition>");
        let kind = |code: &str| format!("<PriceConditionType>{code}</PriceConditionType>\n");
        let quantity = "<PriceConditionQuantity><PriceConditionQuantityType>01</PriceConditionQuantityType>\n\
             <Quantity>7</Quantity><QuantityUnit>08</QuantityUnit></PriceConditionQuantity>";
        case(&condition(&kind("00")), (None, None, None));
        case(&condition(&(kind("10") + quantity)), (None, None, Some("10 01 7 08")));
        let two = condition(&kind("07")) + &condition(&kind("01"));
        case(&two, (None, None, Some("01; 07")));
    }

    #[test]
    fn what_has_no_price_says_why() {
        let supply =
            |inner: &str| format!("<ProductSupply><SupplyDetail>{inner}</SupplyDetail></ProductSupply>");
        let reason = "<UnpricedItemType>02</UnpricedItemType>";
        let case = |content: &str, expected| {
            let found = product(content);
            assert_eq!((found.unpriced_reason.as_deref(), found.prices.len()), expected, "{content}");
        };
        case(&supply(reason), (Some("02"), 0));
        case(&price(reason), (Some("02"), 0));
        let priced = price("<PriceAmount>0</PriceAmount><CurrencyCode>EUR</CurrencyCode>");
        case(&priced, (None, 1));
        case(&(supply(reason) + &priced), (None, 1));
        case(&supply(""), (None, 0));
    }

    #[test]
    fn a_record_says_when_it_was_changed_and_nonsense_decides_nothing() {
        let case = |attribute: &str, expected: Option<&str>, told: &[&str]| {
            let profile = profile();
            let mut cutter = Cutter::new(Arc::clone(&profile), RecordLimits::default());
            let mut mapped = None;
            let kind = "<RecordReference>a</RecordReference><NotificationType>05</NotificationType>";
            let feed = format!("<ONIXMessage><Header/><Product{attribute}>{kind}</Product></ONIXMessage>");
            testing::drive(&feed, |step| {
                if step.apply(&mut cutter) == CutStep::RecordEnd {
                    mapped = Some(Mapper::new(Arc::clone(&profile)).map(cutter.record(), cutter.header()));
                }
            });
            let mapped: Mapped = mapped.expect("a product ended");
            assert_eq!(mapped.changed, expected.and_then(crate::product::moment), "{attribute}");
            assert_eq!(mapped.faults.iter().map(line).collect::<Vec<_>>(), told, "{attribute}");
            assert!(mapped.faults.iter().all(|fault| fault.level == Level::Warning));
            assert_eq!(mapped.action, Some(Action::Withdraw), "{attribute}");
        };
        case("", None, &[]);
        case(" datestamp=''", None, &[]);
        case(" datestamp='20240115'", Some("2024-01-15"), &[]);
        case(" datestamp='20240115T1300+0100'", Some("2024-01-15T12:00:00Z"), &[]);
        case(
            " datestamp='20241345'",
            None,
            &["rule.date /ONIXMessage/Product/@datestamp: `20241345` is no date, so the age of the record \
                 is not known"],
        );
    }

    #[test]
    fn prices_are_amounts_of_a_type_in_a_currency() {
        let place = "/ONIXMessage/Product[2]/ProductSupply/SupplyDetail/Price";
        let currency = "<CurrencyCode>EUR</CurrencyCode>";
        let amount = |amount: &str| price(&format!("<PriceAmount>{amount}</PriceAmount>{currency}"));
        case(&amount("12.50"), &[]);
        case(
            &amount("12,50"),
            &[&format!(
                "rule.price-amount {place}/PriceAmount: `12,50` is no decimal number: write the decimal sign as a point"
            )],
        );
        case(&amount("-1"), &[&format!("rule.price-amount {place}/PriceAmount: `-1` is negative")]);
        case(
            &price("<PriceAmount>1</PriceAmount>"),
            &[&format!("rule.currency {place}: the price has no currency, and the header names none")],
        );
        case(&price(currency), &[]);
        let untyped = amount("1").replace("<PriceType>04</PriceType>", "");
        case(
            &untyped,
            &[&format!("rule.price-type {place}: the price has no type, and the header names none")],
        );
    }

    #[test]
    fn a_text_reaches_the_shop_in_its_format_and_fit_for_a_page() {
        use TextFormat::{Html, Plain, Xhtml};
        let place = "rule.markup /ONIXMessage/Product[2]/CollateralDetail/TextContent/Text:";
        let case = |attributes: &str, content: &str, expected: (TextFormat, &str), told: Option<&str>| {
            let text = format!(
                "<TextContent><TextType>03</TextType><Text{attributes}>{content}</Text></TextContent>"
            );
            let mapped = onix(&format!(
                "<NotificationType>03</NotificationType>{TITLE}<CollateralDetail>{text}</CollateralDetail>"
            ));
            let faults: Vec<_> = mapped.faults.iter().map(|fault| (fault.level, line(fault))).collect();
            let told: Vec<_> = told.iter().map(|told| (Level::Warning, format!("{place} {told}"))).collect();
            assert_eq!(faults, told, "{content}");
            let Some(Action::Upsert(product, _)) = mapped.action else { panic!("{content}: it is accepted") };
            let found = product.texts.first().map(|text| (text.format, text.text.as_str()));
            assert_eq!(found, Some(expected), "{attributes} {content}");
        };
        let escaped = "&lt;p&gt;Rock &amp;amp; Roll&lt;/p&gt;";
        let shown = "the text is plain by its format and has the element `p`: it is shown as text";
        let plain = (Plain, "&lt;p&gt;Rock &amp;amp; Roll&lt;/p&gt;");
        case("", " Rock &amp; Roll, 3 &lt; 4 ", (Plain, "Rock &amp; Roll, 3 &lt; 4"), None);
        case("", "&lt;script>x()&lt;/script>", (Plain, "&lt;script&gt;x()&lt;/script&gt;"), None);
        for code in ["", " textformat='06'", " textformat='07'", " textformat='77'"] {
            case(code, escaped, plain, Some(shown));
        }
        let html = "<p>Rock &amp; Roll</p>";
        case(" textformat='02'", escaped, (Html, html), None);
        case(" textformat='03'", escaped, (Html, html), None);
        case(" textformat='05'", escaped, (Xhtml, html), None);
        case(" textformat='05'", "Rock &amp; Roll", (Xhtml, "Rock &amp; Roll"), None);
        case(" textformat='02'", "Fran&amp;ccedil;ais", (Html, "Français"), None);
        for code in ["", " textformat='05'", " textformat='06'"] {
            case(code, "<p>a<br/><em/>b</p>", (Xhtml, "<p>a<br/><em></em>b</p>"), None);
        }
        let taken =
            Some("taken out of the text: attribute `onclick`, link `javascript:y()`, element `script`");
        let source = "<p onclick='x()'>a <a href='javascript:y()'>b</a></p><script>z()</script>";
        case("", source, (Xhtml, "<p>a <a>b</a></p>"), taken);
        case(" textformat='02'", &source.replace('<', "&lt;"), (Html, "<p>a <a>b</a></p>"), taken);
    }

    #[test]
    fn a_text_with_too_much_markup_is_refused_and_one_of_nothing_else_is_none() {
        let text = |content: &str| {
            let text = format!("<Text textformat='02'>{content}</Text>");
            onix(&format!(
                "<NotificationType>03</NotificationType>{TITLE}<CollateralDetail><TextContent>{text}</TextContent>\
                 </CollateralDetail>"
            ))
        };
        let refused = text(&"x".repeat(MARKUP_BYTES_MAX + 1));
        assert_eq!((refused.action, refused.faults[0].rule), (None, Rule::RecordSize));
        let Some(Action::Upsert(product, _)) = text("&lt;script>x&lt;/script>").action else {
            panic!("accepted")
        };
        assert_eq!(product.texts, []);
    }

    #[test]
    fn measurements_and_counts_are_numbers_in_units_that_fit() {
        let measure = |kind: &str, value: &str, unit: &str| {
            format!(
                "<DescriptiveDetail><Measure><MeasureType>{kind}</MeasureType><Measurement>{value}</Measurement>\
                 <MeasureUnitCode>{unit}</MeasureUnitCode></Measure></DescriptiveDetail>"
            )
        };
        let place = "/ONIXMessage/Product[2]/DescriptiveDetail[2]/Measure";
        case(&measure("08", "1.5", "kg"), &[]);
        case(&measure("01", "1024", "px"), &[]);
        case(
            &measure("08", "1.5", "mm"),
            &[&format!(
                "rule.unit {place}/MeasureUnitCode: `mm` is not a unit of weight that this format knows"
            )],
        );
        case(&measure("01", "-1", "mm"), &[&format!("rule.number {place}/Measurement: `-1` is negative")]);
        let extent = "<DescriptiveDetail><Extent><ExtentType>00</ExtentType><ExtentValue>1.5</ExtentValue>\
            <ExtentUnit>03</ExtentUnit></Extent></DescriptiveDetail>";
        case(
            extent,
            &["rule.number /ONIXMessage/Product[2]/DescriptiveDetail[2]/Extent/ExtentValue: \
                `1.5` is no whole number between 0 and 4294967295"],
        );
    }

    #[test]
    fn a_contributor_with_two_roles_is_two_entries_in_one_place() {
        let content = "<NotificationType>03</NotificationType><DescriptiveDetail>\
            <Contributor><SequenceNumber>2</SequenceNumber><ContributorRole>B01</ContributorRole>\
            <ContributorRole>B25</ContributorRole><NamesBeforeKey>Jörg</NamesBeforeKey>\
            <KeyNames>Mühl</KeyNames></Contributor>\
            <Contributor><SequenceNumber>1</SequenceNumber><ContributorRole>A06</ContributorRole>\
            <PersonName>Clara Schumann</PersonName></Contributor>\
            <Contributor><ContributorRole>A01</ContributorRole><UnnamedPersons>01</UnnamedPersons></Contributor>\
            </DescriptiveDetail>";
        let Some(Action::Upsert(product, _)) = onix(content).action else { panic!("it is accepted") };
        let found: Vec<_> = product
            .contributors
            .iter()
            .map(|each| (each.sequence, each.role.as_str(), each.name.as_str()))
            .collect();
        assert_eq!(found, [(1, "A06", "Clara Schumann"), (2, "B01", "Jörg Mühl"), (2, "B25", "Jörg Mühl")]);
    }

    #[test]
    fn the_header_fills_in_what_a_record_leaves_out() {
        let header = "<DefaultLanguageOfText>ger</DefaultLanguageOfText><DefaultPriceType>04</DefaultPriceType>\
            <DefaultCurrencyCode>CHF</DefaultCurrencyCode>";
        let content = "<RecordReference>a</RecordReference><NotificationType>03</NotificationType>"
            .to_owned()
            + &price("<PriceAmount>9.00</PriceAmount>").replace("<PriceType>04</PriceType>", "");
        let mapped = map(header, RecordLimits::default(), &content);
        let Some(Action::Upsert(product, _)) = mapped.action else { panic!("{mapped:?}") };
        assert_eq!((product.prices[0].currency.as_str(), product.prices[0].kind.as_str()), ("CHF", "04"));
        assert_eq!(product.languages[0].code, "ger");
    }

    #[test]
    fn the_notification_type_decides_what_is_done() {
        let action = |code: &str| onix(&format!("<NotificationType>{code}</NotificationType>")).action;
        assert!(matches!(action("03"), Some(Action::Upsert(..))));
        assert!(matches!(action("04"), Some(Action::Amend(_))));
        assert_eq!(action("05"), Some(Action::Withdraw));
        assert_eq!(action("89"), Some(Action::Ignore));
        assert_eq!(action("77"), None);
        assert_eq!(onix("").faults[0].sentence, "the record has no notification type");
    }

    /// The parts that an amendment with this content replaces.
    fn sent(content: &str) -> FieldSet {
        let mapped = onix(&format!("<NotificationType>04</NotificationType>{content}"));
        let Some(Action::Amend(amendment)) = mapped.action else { panic!("{:?}", mapped.faults) };
        amendment.sent
    }

    #[test]
    fn a_block_that_is_sent_replaces_all_that_is_mapped_from_it() {
        use ProductField::{Availability, Languages, Prices, Stock, Subtitle, Title, UnpricedReason};
        assert_eq!(sent(""), FieldSet::default());
        let supply = sent(&price("<PriceAmount>1</PriceAmount><CurrencyCode>EUR</CurrencyCode>"));
        assert_eq!(supply, [Availability, Stock, Prices, UnpricedReason].into_iter().collect());
        assert_eq!(sent("<ProductSupply/>"), supply);
        let descriptive = sent(TITLE);
        assert!([Title, Subtitle, Languages].into_iter().all(|field| descriptive.contains(field)));
        assert!(!descriptive.contains(Prices));
        assert_eq!(sent(&format!("{TITLE}<ProductSupply/>")), descriptive.union(supply));
    }

    #[test]
    fn an_amendment_may_lack_what_it_does_not_send() {
        let faults =
            |content: &str| onix(&format!("<NotificationType>04</NotificationType>{content}")).faults;
        assert_eq!(faults("<ProductSupply/>"), []);
        assert_eq!(faults("<DescriptiveDetail/>")[0].rule, Rule::Required);
    }

    #[test]
    fn a_withdrawal_needs_nothing_but_its_key() {
        let notice = "<NotificationType>05</NotificationType>".to_owned() + &identifier("03", "1");
        assert_eq!(onix(&notice).faults, []);
        let mapped = map("", RecordLimits::default(), &notice);
        assert_eq!((mapped.key, mapped.action), (None, None));
        assert_eq!(mapped.faults[0].sentence, "the record has no record reference");
    }

    #[test]
    fn a_missing_title_weighs_what_the_profile_says() {
        let mapped = onix("<NotificationType>03</NotificationType>");
        assert_eq!((mapped.faults[0].rule, mapped.faults[0].level), (Rule::Required, Level::Warning));
        assert!(mapped.action.is_some());
    }

    #[test]
    fn a_record_above_its_limits_is_refused() {
        let content = "<RecordReference>a</RecordReference><NotificationType>03</NotificationType>";
        let judge = |nodes_max| map("", RecordLimits { nodes_max, ..RecordLimits::default() }, content);
        assert!(judge(3).action.is_some());
        let refused = judge(2);
        assert_eq!((refused.action, refused.faults[0].rule), (None, Rule::RecordSize));
    }

    #[test]
    fn faults_are_kept_up_to_the_limit_and_counted_beyond() {
        for (count, unkept) in [(FAULTS_KEPT_MAX, 0), (FAULTS_KEPT_MAX + 1, 1)] {
            let content = identifier("03", "1").repeat(count);
            let mapped = onix(&format!("<NotificationType>03</NotificationType>{TITLE}{content}"));
            assert_eq!((mapped.faults.len(), mapped.unkept.values().sum::<u64>()), (FAULTS_KEPT_MAX, unkept));
            assert_eq!(mapped.action, None);
        }
    }

    #[test]
    fn a_second_record_with_one_reference_is_told() {
        let mut cutter = Cutter::new(profile(), RecordLimits::default());
        let feed = "<ONIXMessage><Product><RecordReference> a </RecordReference></Product></ONIXMessage>";
        testing::drive(feed, |step| _ = step.apply(&mut cutter));
        let fault = Mapper::new(profile()).duplicate(cutter.record()).unwrap();
        assert_eq!(fault.sentence, "another record of this feed has the record reference `a`");
        assert_eq!(fault.path, "/ONIXMessage/Product/RecordReference");
    }
}
