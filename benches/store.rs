//! Products into the database, without a feed: what staging and the one transaction cost.
//!
//! ```text
//! cargo bench --bench store -- [DATABASE-URL] [PRODUCTS]
//! ```
//!
//! Without an address: a SQLite file in a temporary folder. The tables are filled once, then the same products
//! come again (nothing is sent), then all of them changed. Products are as those of the 157 MB ONIX feed: some 5 KB of
//! attributes, two identifiers, three contributors, two prices.

use feedgate::config::DatabaseUrl;
use feedgate::judgement::Acceptance;
use feedgate::product::{
    Contributor, Facts, Fingerprint, Identifier, IdentifierKind, Language, MediaLink, Price, Product,
    RecordReference, Subject, Text, TextFormat,
};
use feedgate::store::{
    Batch, Counts, Digest, FeedState, FeedVersion, IdKind, Mark, RecordDate, RunEnd, StagedAt, Store,
    StoreError,
};
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

const WORDS: &[&str] = &[
    "Sonate",
    "Klavier",
    "Violine",
    "herausgegeben",
    "nach",
    "den",
    "Quellen",
    "Fingersatz",
    "von",
    "Urtext",
    "Partitur",
    "Stimmen",
    "für",
    "Orchester",
    "Kritischer",
    "Bericht",
    "Vorwort",
    "deutsch",
    "englisch",
    "Band",
    "Werke",
    "Erstausgabe",
    "Autograph",
    "Satz",
    "Allegro",
    "Andante",
    "Quartett",
    "Lied",
    "Chor",
    "Orgel",
];

/// A small generator: the same products on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % sides
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.roll(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }
}

fn product(number: usize, edition: &str) -> Product {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (number as u64 + 1));
    let reference = RecordReference::new(&format!("com.example.{number:06}")).expect("not empty");
    let identifier = |kind, value: String| Identifier { kind, value };
    let contributor = |sequence, role: &str, dice: &mut Dice| Contributor {
        sequence,
        role: role.into(),
        name: dice.words(2),
        sort_name: Some(dice.words(2)),
        born: Some("1810".into()),
        died: Some("1856".into()),
    };
    let price = |kind: &str, cents: i64| Price {
        qualifier: None,
        minimum_quantity: None,
        conditions: None,
        kind: kind.into(),
        amount: rust_decimal::Decimal::new(cents, 2),
        currency: "EUR".into(),
        tax_code: Some("R".into()),
        tax_percent: Some(7.into()),
        territory: Some("DE AT CH".into()),
        valid_from: None,
        valid_until: None,
    };
    let text = |kind: &str, words, dice: &mut Dice| Text {
        kind: kind.into(),
        language: Some("ger".into()),
        format: TextFormat::Xhtml,
        text: format!("<p>{}</p>", dice.words(words)),
    };
    Product {
        title: format!("{} {edition}", dice.words(4)),
        subtitle: Some(dice.words(6)),
        edition_number: Some(format!("BA {number}")),
        identifiers: vec![
            identifier(IdentifierKind::Gtin13, format!("97900{number:08}")),
            identifier(IdentifierKind::Proprietary, format!("BA{number}")),
        ],
        contributors: vec![
            contributor(1, "A06", &mut dice),
            contributor(2, "B25", &mut dice),
            contributor(3, "B01", &mut dice),
        ],
        prices: vec![price("04", 1_250 + i64::try_from(number % 900).expect("small")), price("02", 1_450)],
        languages: vec![Language { role: "01".into(), code: "ger".into() }],
        form: Some("DA".into()),
        publisher: Some("Musikverlag".into()),
        pages: Some(32 + u32::try_from(number % 90).expect("small")),
        texts: vec![text("03", 330, &mut dice), text("02", 60, &mut dice), text("04", 150, &mut dice)],
        media: vec![MediaLink { kind: "01".into(), url: format!("https://example.org/cover/{number}.jpg") }],
        subjects: (0..6)
            .map(|_| Subject { scheme: "93".into(), code: Some(dice.words(1)), heading: Some(dice.words(3)) })
            .collect(),
        ..Product::new(reference)
    }
}

/// Staging and applying, in seconds.
struct Took {
    known: Duration,
    stage: Duration,
    apply: Duration,
}

async fn import(store: &Store, products: &[(Product, Fingerprint)]) -> Result<Took, StoreError> {
    let now = Timestamp::now();
    let until = now + SignedDuration::from_mins(10);
    let run = store.begin_run(now, until, None).await?;
    let mut session = store.session(run).await?;
    session.lock("bench").await?;
    let begin = Instant::now();
    let known = session.known("bench").await?;
    let known_took = begin.elapsed();

    let begin = Instant::now();
    let feed = session.allocate(IdKind::FeedVersion, 1).await?[0];
    let mut rows = session.rows();
    let mut ids = Vec::new();
    let mut counts = Counts { records: products.len() as u64, ..Counts::default() };
    for (seq, (product, fingerprint)) in products.iter().enumerate() {
        let entry = known.products.get(&Digest::of_reference(&product.reference));
        let at = StagedAt { seq: i64::try_from(seq).expect("small"), feed_version_id: feed, source: "bench" };
        match entry {
            Some(entry) if entry.fingerprint == *fingerprint => {
                counts.unchanged += 1;
                continue;
            }
            Some(entry) => {
                counts.updated += 1;
                rows.product(
                    at,
                    entry.product_id,
                    false,
                    product,
                    (*fingerprint, Facts::default(), RecordDate::NONE),
                );
            }
            None => {
                counts.inserted += 1;
                if ids.is_empty() {
                    ids = session.allocate(IdKind::Product, 1_000).await?;
                    ids.reverse();
                }
                rows.product(
                    at,
                    ids.pop().expect("just filled"),
                    true,
                    product,
                    (*fingerprint, Facts::default(), RecordDate::NONE),
                );
            }
        }
        if rows.len() > 4 << 20 {
            session.stage(&mut rows).await?;
        }
    }
    session.stage(&mut rows).await?;
    let stage_took = begin.elapsed();

    let begin = Instant::now();
    let version = FeedVersion {
        id: feed,
        source: "bench".into(),
        feed: "bench.xml".into(),
        format: "bench/1".into(),
        profile_version: 1,
        message_number: None,
        place: Mark::default(),
        judged_by: None,
        digest: None,
        state: FeedState::Applied,
        acceptance: Acceptance::Accepted,
        extent: None,
        standing: None,
        released_from: None,
        recognised_as: None,
        counts,
    };
    let batch = Batch { feeds: vec![version], ..Batch::default() };
    session.apply(&batch, Timestamp::now(), until).await?;
    let apply_took = begin.elapsed();
    session.close().await;
    let end = RunEnd { acceptance: Acceptance::Accepted, message: None, summary: None };
    store.finish_run(run, Timestamp::now(), end).await?;
    Ok(Took { known: known_took, stage: stage_took, apply: apply_took })
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| !each.starts_with("--")).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let default = format!("sqlite://{}", folder.path().join("bench.db").display());
    let url: DatabaseUrl = arguments.first().unwrap_or(&default).parse().expect("a database address");
    let count: usize = arguments.get(1).map_or(20_000, |text| text.parse().expect("a number of products"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let made = |edition: &str| -> Vec<(Product, Fingerprint)> {
        let with_fingerprint = |product: Product| {
            let fingerprint = Fingerprint::of(&product);
            (product, fingerprint)
        };
        (0..count).map(|number| with_fingerprint(product(number, edition))).collect()
    };
    let (first, second) = (made("I"), made("II"));
    println!("{count} products into {url}, seconds");
    println!("{:12} {:>8} {:>8} {:>8} {:>8}", "", "known", "stage", "apply", "sum");
    runtime.block_on(async {
        let store = Store::open(&url).await.expect("the database opens");
        for (name, products) in [("new", &first), ("unchanged", &first), ("changed", &second)] {
            let took = import(&store, products).await.expect("the import can be done");
            let [known, stage, apply] = [took.known, took.stage, took.apply].map(|each| each.as_secs_f64());
            println!("{name:12} {known:8.3} {stage:8.3} {apply:8.3} {:8.3}", known + stage + apply);
        }
    });
}
