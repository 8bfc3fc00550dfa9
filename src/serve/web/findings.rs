//! What was found in a run: kinds of findings, those in most records first, with a few records each, and whether they
//! are new.

use super::asked::{address, choice, filled};
use super::filters;
use super::frame::{Frame, Section};
use super::html::Html;
use super::language::{Advice, Language};
use super::quarantine::{known_by, titles};
use super::visit::Viewer;
use super::words::FindingsWords;
use crate::access::Scope;
use crate::import::NO_SENDER;
use crate::judgement::{Excerpt, Severity};
use crate::report::excerpt::{MarkedExcerpt, is_attribute_value};
use crate::report::filters::Signed;
use crate::report::kind::Alike;
use crate::serve::finding::SeverityWord;
use crate::serve::page::text;
use crate::serve::parameters::{Id, Query};
use crate::serve::problem::Problem;
use crate::serve::run::Run;
use crate::serve::runs;
use crate::serve::service::Service;
use crate::store::{EarlierKinds, FindingGroup, GroupView, KindCount, KindFilter, KindSample, RunId};
use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Kinds on a page.
const KINDS: usize = 50;
/// Pages of them: as many kinds as are kept apart of one feed.
const PAGES_MAX: usize = 40;
/// Samples of each.
const SAMPLES: u32 = 3;
/// Kinds that are open from the beginning.
const OPEN_KINDS: usize = 5;
/// Rows that the choices of the form are made of.
const COUNTS_MAX: u32 = 4_000;
/// Choices of a field of the form.
const CHOICES_MAX: usize = 100;
/// Kinds that are gone, of which is told.
const GONE: usize = 20;

const FINDINGS: [[&str; 2]; 2] = [["finding", "findings"], ["Befund", "Befunde"]];
const IN_RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätzen"]];
const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];
const OF_KINDS: [[&str; 2]; 2] = [["kind", "kinds"], ["Art", "Arten"]];

/// Which findings.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    search: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    page: usize,
}

#[derive(Template)]
#[template(path = "web/findings.html")]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
struct View {
    frame: Frame,
    words: &'static FindingsWords,
    run: i64,
    about: String,
    summary: String,
    /// That not all of them are told apart, where there are more.
    untold: Option<String>,
    asked: Asked,
    facets: Vec<Facet>,
    is_empty: bool,
    is_filtered: bool,
    /// All of the run was looked at, and nothing is wrong with it.
    is_right: bool,
    /// Where a record that is searched for may be, when it is not here.
    elsewhere: Option<String>,
    has_feeds: bool,
    kinds: Vec<Kind>,
    gone: Option<(i64, Vec<Gone>)>,
    first: Option<String>,
    more: Option<String>,
}

/// A field of the form.
struct Facet {
    key: &'static str,
    name: &'static str,
    choices: Vec<Choice>,
}

struct Choice {
    value: String,
    name: String,
    count: String,
    is_chosen: bool,
}

/// A kind of findings.
struct Kind {
    severity: SeverityName,
    sentence: String,
    count: String,
    number: u64,
    path: String,
    code: String,
    feed: String,
    age: Option<Age>,
    told: Option<Advice>,
    samples: Vec<Sample>,
    left_out: Option<String>,
}

/// Since when there are findings of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    /// The run of the source before had none.
    New,
    /// All runs from this one on had some.
    Since(i64),
}

/// One finding.
struct Sample {
    record: Option<RecordLink>,
    line: Option<String>,
    sentence: Option<String>,
    marked: Option<MarkedExcerpt>,
}

struct RecordLink {
    /// Where it is shown.
    address: String,
    /// Edition number and title.
    known_by: Option<String>,
    name: String,
}

/// A kind that is gone.
struct Gone {
    sentence: String,
    count: String,
    path: String,
}

/// How much a finding weighs, in a word, with its style and sign.
pub(super) struct SeverityName {
    pub(super) name: &'static str,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
}

/// A weight in words.
pub(super) fn severity(language: Language, severity: Severity) -> SeverityName {
    let (english, german) = match severity {
        Severity::Notice => ("notice", "Hinweis"),
        Severity::Warning => ("warning", "Warnung"),
        Severity::Error => ("error", "Fehler"),
        Severity::Fatal => ("fatal", "schwerer Fehler"),
    };
    SeverityName { name: language.pick(english, german), class: severity.as_str(), sign: severity.sign() }
}

/// Shows them.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    viewer.caller.may(Scope::Read)?;
    let run = runs::one(&service, &viewer.caller, id).await?;
    let seen =
        KindFilter { visible_source: viewer.caller.0.source(), limit: COUNTS_MAX, ..KindFilter::default() };
    let counts = service.store.kind_counts(RunId(id), seen).await?;
    let (source, code, search) = (filled(&asked.source), filled(&asked.code), filled(&asked.search));
    let page = asked.page.min(PAGES_MAX);
    let filter = KindFilter {
        severity: choice::<SeverityWord>("severity", &asked.severity)?.map(SeverityWord::severity),
        code: text("code", code.as_deref())?,
        source: text("source", source.as_deref())?,
        text: text("search", search.as_deref())?,
        limit: u32::try_from((page + 1) * KINDS + 1).unwrap_or(u32::MAX),
        ..seen
    };
    let mut kinds = service.store.kinds(RunId(id), filter).await?;
    kinds.drain(..(page * KINDS).min(kinds.len()));
    let has_more = kinds.len() > KINDS;
    kinds.truncate(KINDS);
    let history = History::of(&service, &viewer, &run, &kinds).await?;
    let samples = titled(&service, samples(&service, &viewer, id, &kinds).await?).await?;
    let findings_max = service.plan.reading.limits.record_findings_max as u64;
    let view = View::of(&viewer, &run, asked, &counts, findings_max);
    let least = view.untold.as_ref().map(|_| findings_max);
    let is_all = !view.is_filtered && page == 0;
    let gone = history.gone.as_ref().filter(|(_, gone)| is_all && !gone.is_empty());
    let view = View {
        more: has_more.then(|| view.at(page + 1)),
        first: (page > 0).then(|| view.at(0)),
        gone: gone.map(|(run, gone)| {
            (*run, gone.iter().map(|kind| Gone::of(viewer.visit.language, kind)).collect())
        }),
        kinds: kinds
            .into_iter()
            .map(|kind| Kind::of(viewer.visit.language, &run, kind, &history, &samples))
            .map(|kind| kind.at_least(viewer.visit.language, least))
            .collect(),
        ..view
    };
    Html::of(&view)
}

/// Samples by feed and fingerprint.
pub(super) type Samples = HashMap<(String, String), Vec<KindSample>>;

/// A few samples of each of these kinds.
pub(super) async fn samples(
    service: &Service,
    viewer: &Viewer,
    id: i64,
    kinds: &[GroupView],
) -> Result<Samples, Problem> {
    let fingerprints = fingerprints(kinds);
    let source = viewer.caller.0.source();
    let found = service.store.few_samples(RunId(id), &fingerprints, SAMPLES, source).await?;
    let mut samples = Samples::new();
    for sample in found {
        let key = (sample.feed.clone(), sample.finding.fingerprint.clone());
        samples.entry(key).or_default().push(sample);
    }
    Ok(samples)
}

/// The same with titles that the shop does not have: as the refused records say them.
async fn titled(service: &Arc<Service>, mut samples: Samples) -> Result<Samples, Problem> {
    let mut unknown: Vec<&mut KindSample> =
        samples.values_mut().flatten().filter(|sample| sample.title.is_none()).collect();
    let mut entries: Vec<i64> = unknown.iter().filter_map(|sample| sample.entry).collect();
    entries.sort_unstable();
    entries.dedup();
    let titles = titles(service, &entries).await?;
    for sample in &mut unknown {
        sample.title = sample.entry.and_then(|entry| titles.get(&entry).cloned());
    }
    Ok(samples)
}

fn fingerprints(kinds: &[GroupView]) -> Vec<&str> {
    kinds.iter().map(|kind| kind.group.fingerprint.as_str()).collect()
}

/// What the runs of the source before had.
#[derive(Default)]
struct History {
    earlier: Vec<EarlierKinds>,
    gone: Option<(i64, Vec<GroupView>)>,
}

impl History {
    /// Of a run that is of one source.
    async fn of(service: &Service, viewer: &Viewer, run: &Run, kinds: &[GroupView]) -> Result<Self, Problem> {
        // Feeds of nobody have nothing to do with each other.
        let source = run.read.first().map(|feed| &feed.source).filter(|source| *source != NO_SENDER);
        let Some(source) = source else { return Ok(Self::default()) };
        viewer.caller.sees(source)?;
        if run.feeds != 1 {
            return Ok(Self::default());
        }
        let id = RunId(run.id);
        let earlier = service.store.earlier_kinds(source, id, &fingerprints(kinds)).await?;
        // What was not read to its end may have it still.
        let is_whole = matches!(run.state.as_str(), "succeeded" | "deviations" | "held");
        let gone = match earlier.first().filter(|_| is_whole) {
            Some(before) => {
                let limit = u32::try_from(GONE).unwrap_or(u32::MAX);
                Some((before.run.0, service.store.gone_kinds(before.run, id, source, limit).await?))
            }
            None => None,
        };
        Ok(Self { earlier, gone })
    }

    /// Since when there are findings of a kind; `None` where there is no run before.
    fn age(&self, fingerprint: &str) -> Option<Age> {
        let has = |earlier: &&EarlierKinds| earlier.fingerprints.iter().any(|one| one == fingerprint);
        self.earlier.first()?;
        Some(self.earlier.iter().take_while(has).last().map_or(Age::New, |first| Age::Since(first.run.0)))
    }
}

impl View {
    /// All but what was found.
    fn of(viewer: &Viewer, run: &Run, asked: Asked, counts: &[KindCount], findings_max: u64) -> Self {
        let language = viewer.visit.language;
        let words = FindingsWords::of(language);
        let about = super::run::about(language, run);
        Self {
            frame: Frame::of(&viewer.visit, Section::Inbox, format!("{}: {about}", words.title)),
            words,
            run: run.id,
            about,
            summary: summary(language, counts),
            untold: untold(language, run, counts, findings_max),
            facets: facets(language, &asked, counts),
            is_empty: counts.is_empty(),
            is_right: counts.is_empty() && run.state == "succeeded",
            elsewhere: filled(&asked.search).map(|key| {
                address("/quarantine", &[("state", "open"), ("run", &run.id.to_string()), ("key", &key)])
            }),
            is_filtered: [&asked.search, &asked.severity, &asked.code, &asked.source]
                .iter()
                .any(|said| !said.trim().is_empty()),
            asked,
            has_feeds: run.feeds > 1,
            kinds: Vec::new(),
            gone: None,
            first: None,
            more: None,
        }
    }

    /// The same at another place.
    fn at(&self, page: usize) -> String {
        let Asked { search, severity, code, source, .. } = &self.asked;
        let number = if page == 0 { String::new() } else { page.to_string() };
        let asked = [
            ("search", search),
            ("severity", severity),
            ("code", code),
            ("source", source),
            ("page", &number),
        ];
        address(&format!("/runs/{}/findings", self.run), &asked.map(|(name, value)| (name, value.as_str())))
    }
}

/// How many findings were only counted, if any were.
fn untold(language: Language, run: &Run, counts: &[KindCount], findings_max: u64) -> Option<String> {
    let told: u64 = counts.iter().map(|count| count.findings).sum();
    let more = super::run::all_findings(run).saturating_sub(told);
    let [number, most] = [more, findings_max].map(|number| language.grouped(number));
    (more > 0).then(|| match language {
        Language::English => {
            format!("{number} more were only counted: of one record, at most {most} findings are told apart.")
        }
        Language::German => format!(
            "{number} weitere wurden nur gezählt: Je Datensatz werden höchstens {most} Befunde unterschieden."
        ),
    })
}

/// How many findings there are, of how many kinds.
fn summary(language: Language, counts: &[KindCount]) -> String {
    let findings: u64 = counts.iter().map(|count| count.findings).sum();
    let kinds: u64 = counts.iter().map(|count| count.kinds).sum();
    let told = language.counted(findings, FINDINGS);
    match (findings, kinds, language) {
        (0, ..) => FindingsWords::of(language).none.to_owned(),
        (findings, kinds, _) if findings == kinds => told,
        (_, kinds, Language::English) => format!("{told} of {}", language.counted(kinds, OF_KINDS)),
        (_, kinds, Language::German) => format!("{told} von {}", language.counted(kinds, OF_KINDS)),
    }
}

/// The fields of the form; one that has a single choice is none.
fn facets(language: Language, asked: &Asked, counts: &[KindCount]) -> Vec<Facet> {
    let words = FindingsWords::of(language);
    let named = |word: &str| match choice::<SeverityWord>("severity", word) {
        Ok(Some(word)) => severity(language, word.severity()).name.to_owned(),
        _ => word.to_owned(),
    };
    let mut facets = vec![
        Facet::of(language, ("severity", words.severity, &asked.severity), counts, |count| {
            count.severity.as_str()
        }),
        Facet::of(language, ("code", words.code, &asked.code), counts, |count| &count.code),
        Facet::of(language, ("source", words.source, &asked.source), counts, |count| &count.source),
    ];
    facets[0].choices.iter_mut().for_each(|choice| choice.name = named(&choice.value));
    facets.retain(|facet| facet.choices.len() > 1 || facet.choices.iter().any(|choice| choice.is_chosen));
    facets
}

impl Facet {
    fn of<'c>(
        language: Language,
        (key, name, chosen): (&'static str, &'static str, &str),
        counts: &'c [KindCount],
        value: impl Fn(&'c KindCount) -> &'c str,
    ) -> Self {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for count in counts {
            *sums.entry(value(count)).or_default() += count.findings;
        }
        let mut sums: Vec<(&str, u64)> = sums.into_iter().collect();
        sums.sort_by_key(|(_, findings)| std::cmp::Reverse(*findings));
        sums.truncate(CHOICES_MAX);
        let choice = |(value, findings): (&str, u64)| Choice {
            value: value.to_owned(),
            name: value.to_owned(),
            count: language.grouped(findings),
            is_chosen: value == chosen,
        };
        Self { key, name, choices: sums.into_iter().map(choice).collect() }
    }
}

impl Kind {
    fn of(
        language: Language,
        run: &Run,
        GroupView { feed, group }: GroupView,
        history: &History,
        samples: &Samples,
    ) -> Self {
        let key = (feed, group.fingerprint.clone());
        let some = samples.get(&key).map(Vec::as_slice).unwrap_or_default();
        let left_out = group.count.saturating_sub(some.len() as u64);
        Self {
            severity: severity(language, group.severity),
            count: extent(language, group.count, group.records),
            number: group.count,
            age: history.age(&key.1),
            told: language.advice(&group.code),
            samples: some.iter().map(|sample| Sample::of(language, run, sample, &group.sentence)).collect(),
            left_out: (left_out > 0).then(|| more(language, left_out)),
            sentence: heading(language, &group, some),
            path: group.path,
            code: group.code,
            feed: key.0,
        }
    }
}

impl Kind {
    /// With how often there is one at least, where some were only counted: those beyond so many of a record.
    fn at_least(self, language: Language, findings_max: Option<u64>) -> Self {
        let is_cut = findings_max.is_some_and(|max| self.number >= max);
        let least = language.pick("at least", "mindestens");
        let count = if is_cut { format!("{least} {}", self.count) } else { self.count };
        let left_out =
            self.left_out.map(|left_out| if is_cut { format!("{least} {left_out}") } else { left_out });
        Self { count, left_out, ..self }
    }
}

/// The sentence of a kind: that of its first finding, as it holds for all; some of them are at hand.
pub(super) fn heading(language: Language, group: &FindingGroup, some: &[KindSample]) -> String {
    let findings = || some.iter().map(|sample| &sample.finding);
    let alike = Alike::of(&group.sentence, group.count, findings().map(|finding| finding.sentence.as_str()));
    let found = findings().find(|finding| finding.sentence == group.sentence);
    language.for_people(&language.of_kind(
        &group.sentence,
        &[found.map_or("", |finding| &finding.found)],
        alike,
    ))
}

/// How far a kind reaches: in how many records it stands, and how often where that is another number.
pub(super) fn extent(language: Language, count: u64, records: Option<u64>) -> String {
    let times = format!("{}×", language.grouped(count));
    match records {
        None | Some(0) => times,
        Some(records) if records == count => language.counted(records, RECORDS),
        Some(records) => format!("{times} in {}", language.counted(records, IN_RECORDS)),
    }
}

fn more(language: Language, left_out: u64) -> String {
    match language {
        Language::English => format!("{} more like it", language.grouped(left_out)),
        Language::German => format!("{} weitere dieser Art", language.grouped(left_out)),
    }
}

impl Sample {
    fn of(language: Language, run: &Run, sample: &KindSample, group: &str) -> Self {
        let finding = &sample.finding;
        let record = finding.ordinal.map(|ordinal| RecordLink {
            address: match sample.entry {
                Some(entry) => format!("/quarantine/{entry}?run={}", run.id),
                None => format!("/runs/{}/records/{ordinal}", run.id),
            },
            name: finding.reference.clone().unwrap_or_else(|| language.grouped(ordinal)),
            known_by: known_by(sample.edition_number.as_deref(), sample.title.as_deref()),
        });
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (caret, width) = (whole(finding.caret), whole(finding.caret_width));
        Self {
            record,
            line: (finding.line > 0).then(|| language.grouped(finding.line)),
            sentence: (finding.sentence != group).then(|| language.sentence(&finding.sentence)),
            marked: MarkedExcerpt::on_page(
                &Excerpt { text: finding.excerpt.clone(), caret, width },
                is_attribute_value(&finding.path, &finding.found),
            ),
        }
    }
}

impl Gone {
    fn of(language: Language, GroupView { group, .. }: &GroupView) -> Self {
        let count = extent(language, group.count, group.records);
        Self { sentence: heading(language, group, &[]), count, path: group.path.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earlier(run: i64, had: &[&str]) -> EarlierKinds {
        EarlierKinds { run: RunId(run), fingerprints: had.iter().map(|one| (*one).to_owned()).collect() }
    }

    #[test]
    fn a_kind_is_as_old_as_the_runs_that_had_it_without_a_gap() {
        let earlier =
            vec![earlier(9, &["a", "b"]), earlier(7, &["a"]), earlier(4, &[]), earlier(2, &["a", "c"])];
        let history = History { earlier, gone: None };
        assert_eq!(history.age("a"), Some(Age::Since(7)));
        assert_eq!(history.age("b"), Some(Age::Since(9)));
        assert_eq!(history.age("c"), Some(Age::New));
        assert_eq!(History::default().age("a"), None);
    }

    fn count(code: &str, severity: Severity, findings: u64) -> KindCount {
        KindCount { severity, code: code.to_owned(), source: "Verlag".to_owned(), kinds: 1, findings }
    }

    #[test]
    fn fields_of_the_form_have_choices_the_largest_first() {
        let counts = [
            count("a", Severity::Error, 2),
            count("b", Severity::Error, 7),
            count("c", Severity::Warning, 1),
        ];
        let asked = Asked { code: "a".to_owned(), ..Asked::default() };
        let facets = facets(Language::German, &asked, &counts);
        assert_eq!(facets.iter().map(|facet| facet.key).collect::<Vec<_>>(), ["severity", "code"]);
        let names = |facet: &Facet| facet.choices.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(&facets[0]), names(&facets[1])),
            (vec!["Fehler".into(), "Warnung".into()], vec!["b".into(), "a".into(), "c".into()])
        );
        assert!(facets[1].choices[1].is_chosen);
        assert_eq!(summary(Language::German, &counts), "10 Befunde von 3 Arten");
        assert_eq!(summary(Language::English, &[]), "Nothing was found.");
        assert_eq!(summary(Language::English, &[count("a", Severity::Error, 1)]), "1 finding");
    }

    #[test]
    fn a_kind_is_told_by_the_records_it_stands_in() {
        let of = |count, records| extent(Language::German, count, records);
        assert_eq!([of(3, None), of(3, Some(0))], ["3×", "3×"]);
        assert_eq!([of(1, Some(1)), of(2_000, Some(2_000))], ["1 Datensatz", "2.000 Datensätze"]);
        assert_eq!([of(3, Some(1)), of(3, Some(2))], ["3× in 1 Datensatz", "3× in 2 Datensätzen"]);
    }

    #[test]
    fn what_was_only_counted_is_told() {
        let mut run = crate::serve::run::testing::run("deviations", Some(1), 1, 1);
        let counts = [count("a", Severity::Error, 200)];
        let counted = run.counts.take().expect("counts");
        run.counts = Some(crate::serve::run::Counts { errors: 4_200, ..counted });
        let told = "4,000 more were only counted: of one record, at most 200 findings are told apart.";
        assert_eq!(untold(Language::English, &run, &counts, 200).as_deref(), Some(told));
        assert_eq!(untold(Language::English, &run, &[count("a", Severity::Error, 4_200)], 200), None);
    }

    #[test]
    fn choices_max() {
        let of = |number: usize| {
            let counts: Vec<_> = (0..number).map(|at| count(&at.to_string(), Severity::Error, 1)).collect();
            Facet::of(Language::English, ("code", "", ""), &counts, |count| &count.code).choices.len()
        };
        assert_eq!((of(CHOICES_MAX), of(CHOICES_MAX + 1)), (CHOICES_MAX, CHOICES_MAX));
    }
}
