//! Feeds of music publishers, made up: records as trees, so that a test can change them before they are written.

use crate::drift::{FeedFacts, Gathered, Gatherer, Profile};
use crate::feed::testing::drive;
use crate::feed::{CutStep, Cutter, FeedProfile, RecordLimits};
use std::fmt::Write as _;
use std::sync::Arc;

/// Numbers that look like chance and are the same each time (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn is(&mut self, share: f64) -> bool {
        self.share() < share
    }

    pub(super) fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    pub(super) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).expect("a list is short")]
    }

    /// Normal, by twelve uniform numbers.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// An element.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

impl Element {
    pub(super) fn new(name: &str, attributes: &[(&str, &str)], children: Vec<Self>) -> Self {
        let attributes =
            attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { name: name.to_owned(), attributes, children, text: String::new() }
    }

    pub(super) fn text(name: &str, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::new(name, &[], Vec::new()) }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// All elements at a path.
    pub(super) fn each(&mut self, path: &str, change: &mut dyn FnMut(&mut Self)) {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        for child in self.children.iter_mut().filter(|child| child.name == name) {
            if rest.is_empty() { change(child) } else { child.each(rest, change) }
        }
    }

    /// The parents of the elements at a path, with the name of those.
    pub(super) fn each_parent(&mut self, path: &str, change: &mut dyn FnMut(&mut Self, &str)) {
        match path.rsplit_once('/') {
            None => change(self, path),
            Some((above, name)) => self.each(above, &mut |parent| change(parent, name)),
        }
    }

    fn write(&self, out: &mut String) {
        let _ = write!(out, "<{}", self.name);
        for (name, value) in &self.attributes {
            let _ = write!(out, " {name}=\"{}\"", escaped(value));
        }
        out.push('>');
        out.push_str(&escaped(&self.text));
        for child in &self.children {
            out.push('\n');
            child.write(out);
        }
        let _ = write!(out, "</{}>", self.name);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// How often optional parts stand in the records of a night.
#[derive(Clone, Debug)]
pub(super) struct Night {
    shares: Vec<f64>,
}

/// The usual shares of optional parts, in the order in which the makers ask for them.
const USUAL: [f64; 8] = [0.95, 0.6, 0.3, 0.85, 0.45, 0.5, 0.08, 0.04];

impl Night {
    pub(super) fn usual() -> Self {
        Self { shares: USUAL.to_vec() }
    }

    /// A night of one series or another: shares are a little different.
    pub(super) fn of(chance: &mut Chance) -> Self {
        let moved = |share: f64, by: f64| 1.0 / (1.0 + ((1.0 - share) / share) * (-by).exp());
        Self { shares: USUAL.iter().map(|share| moved(*share, 0.2 * chance.normal())).collect() }
    }

    fn has(&self, part: usize, chance: &mut Chance) -> bool {
        chance.is(self.shares[part])
    }
}

const TITLES: &[&str] =
    &["Sonate", "Fantasie", "Drei Stücke", "Präludium und Fuge", "Lieder ohne Worte", "Kantate"];
const KEYS: &[&str] = &["C-Dur", "G-Dur", "d-Moll", "a-Moll", "Es-Dur", "fis-Moll", "B-Dur", "h-Moll"];
const FOR: &[&str] =
    &["Klavier", "Violine und Klavier", "Flöte und Gitarre", "gemischten Chor (SATB)", "Orgel"];
const NAMES: &[&str] =
    &["Bach, Johann Sebastian", "Hensel, Fanny", "Schumann, Clara", "Reger, Max", "Farrenc, Louise"];
const SENTENCES: &[&str] = &[
    "Diese Ausgabe folgt dem Autograph und dem Erstdruck.",
    "Fingersätze und Bogenstriche sind sparsam ergänzt und im Kritischen Bericht begründet.",
    "Die Sätze eignen sich für Gottesdienst, Konzert und Musikschule gleichermaßen.",
    "Das Vorwort würdigt die Entstehungsgeschichte und erläutert Fragen der Aufführungspraxis.",
];

fn title(chance: &mut Chance) -> String {
    let (title, key, instrument) = (chance.one(TITLES), chance.one(KEYS), chance.one(FOR));
    format!("{title} {key} für {instrument} op. {}", 1 + chance.below(160))
}

fn sentences(chance: &mut Chance) -> String {
    let count = 2 + chance.below(3);
    (0..count).map(|_| chance.one(SENTENCES)).collect::<Vec<_>>().join(" ")
}

fn amount(chance: &mut Chance) -> String {
    format!("{}.{}0", 8 + chance.below(60), chance.below(10))
}

/// A format, and where in its records that stands what tests change.
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) profile: Arc<FeedProfile>,
    root: (&'static str, &'static str),
    make: fn(u64, &Night, &mut Chance) -> Element,
    pub(super) at: At,
}

/// Paths that tests change.
#[derive(Clone, Copy)]
pub(super) struct At {
    /// In every record, with something inside.
    pub(super) block: &'static str,
    /// In every record, and where it may move.
    pub(super) leaf: &'static str,
    pub(super) elsewhere: &'static str,
    /// In 95 of 100 records.
    pub(super) frequent: &'static str,
    /// In 60 of 100 records.
    pub(super) optional: &'static str,
    pub(super) amount: &'static str,
    pub(super) date: &'static str,
    pub(super) code: &'static str,
    /// Element or attribute (with `@`) with a currency.
    pub(super) currency: &'static str,
    /// A code that is `42` in 8 of 100 records.
    pub(super) rare_code: &'static str,
    pub(super) single: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// Many different numbers.
    pub(super) number: &'static str,
    pub(super) language: &'static str,
    pub(super) attribute: (&'static str, &'static str),
    pub(super) notification: &'static str,
}

impl Format {
    pub(super) fn catalogue() -> Self {
        let toml = include_str!("../../../schemas/catalogue/1.0/profile.toml");
        Self {
            name: "catalogue",
            profile: Arc::new(FeedProfile::parse(toml, "catalogue").expect("the profile is ours")),
            root: ("catalogue", "product"),
            make: catalogue,
            at: At {
                block: "contributors",
                leaf: "publisher",
                elsewhere: "prices",
                frequent: "stock",
                optional: "subtitle",
                amount: "prices/price/amount",
                date: "published",
                code: "status",
                currency: "prices/price/@currency",
                rare_code: "availability",
                single: "binding",
                title: "title",
                description: "texts/text",
                number: "pages",
                language: "texts/text/@language",
                attribute: ("contributors/contributor", "role"),
                notification: "@notification",
            },
        }
    }

    pub(super) fn onix() -> Self {
        let toml = include_str!("../../../schemas/onix/3.0/profile.toml");
        Self {
            name: "onix",
            profile: Arc::new(FeedProfile::parse(toml, "onix").expect("the profile is ours")),
            root: ("ONIXMessage", "Product"),
            make: onix,
            at: At {
                block: "DescriptiveDetail/Contributor",
                leaf: "PublishingDetail/CityOfPublication",
                elsewhere: "DescriptiveDetail",
                frequent: "DescriptiveDetail/ProductFormDescription",
                optional: "DescriptiveDetail/TitleDetail/TitleElement/Subtitle",
                amount: "ProductSupply/SupplyDetail/Price/PriceAmount",
                date: "PublishingDetail/PublishingDate/Date",
                code: "DescriptiveDetail/ProductForm",
                currency: "ProductSupply/SupplyDetail/Price/CurrencyCode",
                rare_code: "ProductSupply/SupplyDetail/ProductAvailability",
                single: "PublishingDetail/PublishingStatus",
                title: "DescriptiveDetail/TitleDetail/TitleElement/TitleText",
                description: "CollateralDetail/TextContent/Text",
                number: "DescriptiveDetail/Extent/ExtentValue",
                language: "DescriptiveDetail/Language/LanguageCode",
                attribute: ("CollateralDetail/TextContent/Text", "language"),
                notification: "NotificationType",
            },
        }
    }

    pub(super) fn record(&self, number: u64, night: &Night, chance: &mut Chance) -> Element {
        (self.make)(number, night, chance)
    }

    /// What the feed with these records looks like.
    pub(super) fn profile_of(&self, records: &[Element], facts: FeedFacts) -> Profile {
        let mut gatherer = Gatherer::new(Arc::clone(&self.profile));
        let bytes = self.gather(records, 0, &mut gatherer);
        gatherer.finish(facts, bytes)
    }

    /// Shows records to a gatherer, the first of which has the number after `before`.
    pub(super) fn gather(&self, records: &[Element], before: u64, gatherer: &mut Gatherer) -> u64 {
        let mut feed = format!("<{}>", self.root.0);
        for record in records {
            record.write(&mut feed);
        }
        let _ = write!(feed, "</{}>", self.root.0);
        let mut cutter = Cutter::new(Arc::clone(&self.profile), RecordLimits::default());
        drive(&feed, |step| {
            if step.apply(&mut cutter) == CutStep::RecordEnd {
                let ordinal = cutter.records() + before;
                let key =
                    self.profile.key().find(cutter.record(), cutter.record().root().expect("it has one"));
                let key = key.map(|key| key.text.into_owned());
                gatherer
                    .record(cutter.record(), Gathered { ordinal, line: ordinal * 10, key: key.as_deref() });
            }
        });
        feed.len() as u64
    }
}

/// What all feeds of a sender have in common.
pub(super) fn facts() -> FeedFacts {
    let pair = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
    FeedFacts {
        encoding: "UTF-8".to_owned(),
        line_ends: "LF".to_owned(),
        root: "feed".to_owned(),
        namespaces: pair("", "urn:example:feed"),
        header: pair("sender", "Musikverlag Beispiel"),
    }
}

fn catalogue(number: u64, night: &Night, chance: &mut Chance) -> Element {
    let text = |name: &str, text: &str| Element::text(name, text);
    let mut children = vec![text("editionNumber", &format!("BE {}", 1000 + number))];
    children.push(text("title", &title(chance)));
    if night.has(1, chance) {
        children.push(text("subtitle", &format!("Nr. {} aus dem Zyklus", 1 + chance.below(200))));
    }
    let contributor = |at: u64, chance: &mut Chance| {
        let role = if at == 0 { "A01" } else { "B25" };
        Element::new("contributor", &[("role", role)], vec![text("name", chance.one(NAMES))])
    };
    let several = 1 + u64::from(night.has(4, chance));
    children.push(Element::new(
        "contributors",
        &[],
        (0..several).map(|at| contributor(at, chance)).collect(),
    ));
    children.push(text(
        "publisher",
        chance.one(&["Notenhaus Übersee", "Edition Rosengärtle", "Chorwerk Lübnitz"]),
    ));
    children.push(text("binding", chance.one(&["softcover", "hardcover", "loose"])));
    children.push(text("pages", &(4 + chance.below(320)).to_string()));
    children.push(text("published", &date(chance, true)));
    children.push(text("status", chance.one(&["04", "04", "04", "02"])));
    children.push(text("availability", if night.has(6, chance) { "42" } else { "21" }));
    if night.has(0, chance) {
        children.push(text("stock", &chance.below(400).to_string()));
    }
    let price = |currency: &str, chance: &mut Chance| {
        let mut children = vec![text("amount", &amount(chance))];
        if night.has(3, chance) {
            children.push(Element::new("tax", &[("code", "R")], Vec::new()));
        }
        Element::new("price", &[("currency", currency)], children)
    };
    let mut prices = vec![price("EUR", chance)];
    if night.has(5, chance) {
        prices.push(price("CHF", chance));
    }
    children.push(Element::new("prices", &[], prices));
    let language = if night.has(2, chance) { "eng" } else { "ger" };
    let description = text("text", &sentences(chance)).with("language", language);
    children.push(Element::new("texts", &[], vec![description]));
    let kind = if night.has(7, chance) { "update" } else { "new" };
    let reference = format!("de.example.{number:06}");
    Element::new("product", &[("reference", &reference), ("notification", kind)], children)
}

fn onix(number: u64, night: &Night, chance: &mut Chance) -> Element {
    let text = |name: &str, text: &str| Element::text(name, text);
    let of = |name: &str, children: Vec<Element>| Element::new(name, &[], children);
    let identifier = |kind: &str, value: &str| {
        of("ProductIdentifier", vec![text("ProductIDType", kind), text("IDValue", value)])
    };
    let mut element =
        vec![text("TitleElementLevel", "01"), text("TitleText", &title(chance)).with("language", "ger")];
    if night.has(1, chance) {
        element
            .push(text("Subtitle", &format!("op. {} Nr. {}", 1 + chance.below(160), 1 + chance.below(12))));
    }
    let mut detail = vec![text("ProductComposition", "00"), text("ProductForm", "PI")];
    if night.has(0, chance) {
        detail.push(text("ProductFormDescription", chance.one(&["Partitur", "Stimmen", "Klavierauszug"])));
    }
    detail.push(of("TitleDetail", vec![text("TitleType", "01"), of("TitleElement", element)]));
    for at in 0..=u64::from(night.has(4, chance)) {
        let role = if at == 0 { "A06" } else { "B25" };
        detail.push(of(
            "Contributor",
            vec![text("ContributorRole", role), text("PersonName", chance.one(NAMES))],
        ));
    }
    let language = if night.has(2, chance) { "eng" } else { "ger" };
    detail.push(of("Language", vec![text("LanguageRole", "01"), text("LanguageCode", language)]));
    let pages = (4 + chance.below(320)).to_string();
    detail.push(of(
        "Extent",
        vec![text("ExtentType", "00"), text("ExtentValue", &pages), text("ExtentUnit", "03")],
    ));
    let content = text("Text", &sentences(chance)).with("language", "ger");
    let collateral = of("TextContent", vec![text("TextType", "03"), text("ContentAudience", "00"), content]);
    let published = text("Date", &date(chance, false)).with("dateformat", "00");
    let publishing = vec![
        of("Publisher", vec![text("PublishingRole", "01"), text("PublisherName", "Musikverlag Beispiel")]),
        text("CityOfPublication", chance.one(&["Köln", "Leipzig", "Mainz"])),
        text("PublishingStatus", chance.one(&["04", "04", "04", "02"])),
        of("PublishingDate", vec![text("PublishingDateRole", "01"), published]),
    ];
    let price = |currency: &str, chance: &mut Chance| {
        let mut children = vec![text("PriceType", "04"), text("PriceAmount", &amount(chance))];
        if night.has(3, chance) {
            children.push(of("Tax", vec![text("TaxRateCode", "R"), text("TaxRatePercent", "7")]));
        }
        children.push(text("CurrencyCode", currency));
        of("Price", children)
    };
    let availability = if night.has(6, chance) { "42" } else { "21" };
    let mut supply = vec![text("ProductAvailability", availability), price("EUR", chance)];
    if night.has(5, chance) {
        supply.push(price("CHF", chance));
    }
    let kind = if night.has(7, chance) { "04" } else { "03" };
    let children = vec![
        text("RecordReference", &format!("de.example.{number:06}")),
        text("NotificationType", kind),
        identifier("01", &format!("BE-{number:06}")),
        identifier("03", &format!("97901{number:08}")),
        of("DescriptiveDetail", detail),
        of("CollateralDetail", vec![collateral]),
        of("PublishingDetail", publishing),
        of("ProductSupply", vec![of("SupplyDetail", supply)]),
    ];
    Element::new("Product", &[("datestamp", "20260621T2139Z")], children)
}

fn date(chance: &mut Chance, hyphens: bool) -> String {
    let (year, month, day) = (1962 + chance.below(64), 1 + chance.below(12), 1 + chance.below(28));
    if hyphens { format!("{year}-{month:02}-{day:02}") } else { format!("{year}{month:02}{day:02}") }
}
