//! The page as a browser gets it.

use super::super::page::testing::{asks_for_nothing, outline};
use super::super::testing::{feed, feed_end, feed_end_as, finding, told};
use super::super::{ImportCounts, TraceLink};
use super::*;
use crate::judgement::Excerpt;
use crate::judgement::{Finding, RecordOrdinal, Severity, Tally};

fn start(trace: Option<TraceLink>) -> RunStart {
    RunStart { command: "validate", feeds: 1, started: Some(jiff::Timestamp::UNIX_EPOCH), trace }
}

fn page(summary: &Summary, say: impl FnOnce(&mut HtmlReporter<&mut Vec<u8>>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    let mut reporter = HtmlReporter::new(&mut out, 3);
    reporter.run(&start(summary.trace.clone())).and_then(|()| say(&mut reporter)).expect("writes to memory");
    reporter.summary(summary).expect("writes to memory");
    String::from_utf8(out).expect("text")
}

/// A page with these findings and totals that fit.
fn of(findings: &[Finding]) -> String {
    let mut tally = Tally { feeds: 1, records: 50, refused: 2, ..Tally::default() };
    for finding in findings {
        *tally.findings.entry((finding.code, finding.severity)).or_default() += 1;
    }
    let mut summary = Summary {
        tally,
        findings_told: findings.len() as u64,
        verdicts: [(Acceptance::Deviations, 1)].into(),
        status: Acceptance::Deviations,
        ..Summary::default()
    };
    summary.checks.add(&feed_end("a.xml"));
    page(&summary, |reporter| {
        let feed = feed("a.xml");
        findings.iter().try_for_each(|finding| reporter.finding(&told(&feed, finding)))?;
        reporter.feed_end(&feed_end("a.xml"))
    })
}

#[test]
fn a_page_has_its_parts() {
    let page = of(&[finding(31, 15), finding(40, 15)]);
    for part in [
        "<title>2 of 50 records would be refused: a.xml (catalogue/1.0, Verlag)</title>",
        "<p class=\"of\">a.xml (catalogue/1.0, Verlag)</p>",
        "<h1 class=\"error\"><span aria-hidden=\"true\">●</span> 2 of 50 records would be refused</h1>",
        "feedgate validate, exit status 1: deviations at error severity; started",
        "content=\"width=device-width, initial-scale=1\"",
        "content=\"default-src 'none'; style-src 'sha256-",
        "<dt>deviations</dt><dd>2</dd>",
        "<h2>Where they stand</h2>",
        "<summary>What this means, and what to do</summary>",
        "aria-label=\"most of them, 2, in record 3\"",
        "<code>cvc-datatype-valid.1.2.1</code></a>",
        "2 times in 1 record",
        "Record <strong>HN-4711</strong>, a.xml, line 31, column 15",
        "<pre tabindex=\"0\">&#60;amount&#62;<mark>12,50</mark>&#60;/amount&#62;</pre>",
        "<span class=\"path\">product › price › amount</span>",
        "<h2>Checks</h2>",
        "prefers-color-scheme: dark",
    ] {
        assert!(page.contains(part), "`{part}` is missing:\n{page}");
    }
}

#[test]
fn a_page_asks_for_nothing() {
    asks_for_nothing(&of(&[finding(31, 15)]));
    asks_for_nothing(&of(&[]));
}

#[test]
fn every_column_has_its_head_and_every_row() {
    let page = outline(&of(&[finding(31, 15)]));
    let scopes = |wanted: &str| {
        let heads = page.iter().filter(|(name, _)| name == "th");
        heads
            .filter(|(_, attributes)| attributes.iter().any(|pair| pair.0 == "scope" && pair.1 == wanted))
            .count()
    };
    // Codes and checks: 3 and 4 columns (a check that passed, one that failed, one in part), 1 and 3 rows.
    assert_eq!((scopes("col"), scopes("row")), (7, 4));
    let tables = page.iter().filter(|(name, _)| name == "table").count();
    assert_eq!(page.iter().filter(|(name, _)| name == "caption").count(), tables);
}

#[test]
fn hostile_content_stays_text() {
    let evil =
        "</style></title><script>alert(1)</script>\" onload='x' <img src=x onerror=alert(2)>\u{202e}\0";
    let code = "rule.\"><script>";
    let finding = Finding {
        code,
        sentence: evil.to_owned(),
        path: evil.to_owned(),
        excerpt: Excerpt { text: evil.to_owned(), caret: 3, width: 9 },
        ..finding(1, 1)
    };
    let summary = Summary {
        failure: Some(evil.to_owned()),
        run: Some(evil.to_owned()),
        trace: Some(TraceLink {
            trace_id: evil.to_owned(),
            span_id: None,
            url: Some("javascript:alert(3)".to_owned()),
        }),
        findings_told: 1,
        tally: Tally { findings: [((code, Severity::Error), 1)].into(), ..Tally::default() },
        ..Summary::default()
    };
    let page = page(&summary, |reporter| {
        reporter.finding(&told(&feed(evil), &finding))?;
        reporter.feed_end(&feed_end(evil))?;
        reporter.feed_failed(evil, evil)
    });
    let elements = outline(&page);
    assert_eq!(elements.iter().filter(|(name, _)| name == "script").count(), 1, "but the page's own");
    assert!(elements.iter().all(|(name, _)| name != "img"));
    let hostile =
        |pair: &(String, String)| pair.0.starts_with("on") || pair.0 == "href" && pair.1.starts_with("java");
    assert!(!elements.iter().any(|(_, attributes)| attributes.iter().any(hostile)));
    let page = page.replace(super::super::page::SCRIPT, "");
    assert!(page.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'));
}

#[test]
fn traces_are_linked() {
    let link = |name: &str| TraceLink {
        trace_id: "ab".repeat(16),
        span_id: None,
        url: Some(format!("https://jaeger/trace/{name}")),
    };
    let record = link("record");
    let summary = Summary { trace: Some(link("run")), ..Summary::default() };
    let page = page(&summary, |reporter| {
        reporter.finding(&NamedFinding { link: Some(&record), ..told(&feed("a.xml"), &finding(1, 1)) })
    });
    for (name, label) in [("run", "trace of this run"), ("record", "trace")] {
        let link = format!("<a href=\"https://jaeger/trace/{name}\" rel=\"noopener noreferrer\">{label}</a>");
        assert!(page.contains(&link), "{link}");
    }
}

#[test]
fn an_import_says_what_became_of_the_records() {
    let import = Some(ImportCounts { imported: 1_234, quarantined: 5, ..ImportCounts::default() });
    let page = page(&Summary { import, dry_run: true, ..Summary::default() }, |_| Ok(()));
    assert!(
        page.contains("<dt>imported</dt><dd>1,234</dd>") && page.contains("<dt>in quarantine</dt><dd>5</dd>")
    );
    assert!(page.contains("A dry run: nothing was written."));
    assert!(!page.contains("<h2>"), "nothing was found, nothing was read");
    assert!(!page.contains("<dt>withdrawn</dt>"), "what did not happen is no number that matters");
}

#[test]
fn a_feed_is_one_row_that_says_what_it_came_to() {
    for (acceptance, class, verdict) in [
        (Acceptance::Accepted, "good", "✓</span> accepted</td>"),
        (Acceptance::NotFullyChecked, "warning", "○</span> not fully checked</td>"),
        (Acceptance::Held, "held", "‖</span> held for approval</td>"),
        (Acceptance::Deviations, "error", "●</span> deviations</td>"),
        (
            Acceptance::Failed,
            "error",
            "■</span> could not be read: cannot read `a.xml`: the disk is gone</td>",
        ),
        (Acceptance::Cancelled, "warning", "▲</span> cancelled</td>"),
    ] {
        let page = page(&Summary::default(), |reporter| {
            reporter.feed_end(&feed_end_as("a.xml", acceptance))?;
            reporter.feed_end(&feed_end_as("b.xml", acceptance))
        });
        let verdict = format!("<td class=\"{class}\"><span aria-hidden=\"true\">{verdict}");
        assert_eq!(page.matches(&verdict).count(), 2, "{verdict}: {page}");
        assert_eq!(page.matches(">a.xml<").count(), 1, "{page}");
    }
}

#[test]
fn a_feed_that_is_alone_is_told_above_with_why_it_could_not_be_read() {
    let summary = Summary {
        status: Acceptance::Failed,
        verdicts: [(Acceptance::Failed, 1)].into(),
        ..Summary::default()
    };
    let page = page(&summary, |reporter| reporter.feed_failed("<a>.xml", "no such file `<a>.xml`"));
    assert!(page.contains("</span> The feed could not be read</h1>"), "{page}");
    assert!(page.contains("<p>no such file <code>&#60;a&#62;.xml</code></p>"), "{page}");
    assert!(!page.contains("<h2>Feeds</h2>"));
}

#[test]
fn samples_beyond_those_asked_for_are_folded_and_the_rest_is_counted() {
    let found = |count: u64| of(&(0..count).map(|n| finding(n + 1, 1)).collect::<Vec<_>>());
    assert!(!found(3).contains("class=\"more\""));
    let page = found(SAMPLES_MAX as u64);
    assert_eq!(page.matches("<li ").count(), SAMPLES_MAX);
    assert!(page.contains("<details class=\"more\"><summary>97 more like it</summary>"), "{page}");
    assert!(!page.contains("are counted and not shown"));
    let page = found(SAMPLES_MAX as u64 + 1_500);
    assert_eq!(page.matches("<li ").count(), SAMPLES_MAX);
    assert!(page.contains("1,500 more are counted and not shown"), "{page}");
    assert!(
        page.contains("data-cut=\"not all of it is on this page"),
        "a search says what it does not reach"
    );
}

#[test]
fn kinds_are_filtered_by_how_grave_they_are_where_there_are_several() {
    let warning = Finding { severity: Severity::Warning, fingerprint: 7, ..finding(2, 2) };
    let page = of(&[finding(1, 1), warning]);
    assert_eq!(page.matches("<input type=\"checkbox\"").count(), 2);
    assert!(
        page.contains("value=\"warning\" checked=\"\"/><span class=\"warning\">warning</span> 1</label>")
    );
    assert!(!of(&[finding(1, 1)]).contains("checkbox\" value"));
}

#[test]
fn groups_max() {
    let kinds = |count: usize| {
        let kind = |n: usize| Finding {
            fingerprint: n as u64,
            record: Some(RecordOrdinal(n as u64 + 1)),
            ..finding(n as u64 + 1, 1)
        };
        of(&(0..count).map(kind).collect::<Vec<_>>())
    };
    let page = kinds(run_page::GROUPS_SHOWN_MAX);
    assert_eq!(page.matches("<details class=\"item").count(), run_page::GROUPS_SHOWN_MAX);
    assert!(!page.contains("are counted above"));
    let page = kinds(GROUPS_MAX + 7);
    assert_eq!(page.matches("<details class=\"item").count(), run_page::GROUPS_SHOWN_MAX);
    let hidden = GROUPS_MAX - run_page::GROUPS_SHOWN_MAX;
    let told = format!("{} deviations more, among them {hidden} kinds that are no longer shown", hidden + 7);
    assert!(page.contains(&told), "{told}");
}

#[test]
fn feeds_max() {
    let feeds = |faulty: usize, clean: usize| {
        page(&Summary::default(), |reporter| {
            for _ in 0..clean {
                let mut end = feed_end("good.xml");
                end.tally.findings.clear();
                end.verdict.checks.clear();
                end.acceptance = Acceptance::Accepted;
                reporter.feed_end(&end)?;
            }
            (0..faulty).try_for_each(|_| reporter.feed_failed("bad.xml", "no such file"))
        })
    };
    let rows = |page: &str| (page.matches(">bad.xml<").count(), page.matches(">good.xml<").count());
    let page = feeds(1, FEEDS_MAX - 1);
    assert_eq!(rows(&page), (1, FEEDS_MAX - 1));
    assert!(!page.contains("not listed"));
    let page = feeds(1, FEEDS_MAX + 2);
    assert_eq!(rows(&page), (1, FEEDS_MAX - 1));
    assert!(page.contains("3 more without deviations are counted above and not listed."));
    let page = feeds(FEEDS_MAX + 1, 0);
    assert_eq!(rows(&page), (FEEDS_MAX, 0));
    assert!(page.contains("1 more with deviations"));
}

#[test]
fn a_page_may_be_german() {
    let mut out = Vec::new();
    let mut reporter = HtmlReporter::new(&mut out, 1).in_language(Language::German);
    let feed = feed("a.xml");
    let tally = Tally {
        feeds: 1,
        records: 20_000,
        refused: 2,
        findings: [(("cvc-datatype-valid.1.2.1", Severity::Error), 2)].into(),
        ..Tally::default()
    };
    let mut summary = Summary {
        tally,
        findings_told: 2,
        verdicts: [(Acceptance::Deviations, 1), (Acceptance::Failed, 1)].into(),
        status: Acceptance::Failed,
        ..Summary::default()
    };
    summary.checks.add(&feed_end("a.xml"));
    let written = reporter
        .run(&start(None))
        .and_then(|()| reporter.finding(&told(&feed, &finding(31, 15))))
        .and_then(|()| reporter.finding(&told(&feed, &finding(40, 15))))
        .and_then(|()| reporter.feed_end(&feed_end("a.xml")))
        .and_then(|()| reporter.feed_failed("b.xml", "the input could not be read"))
        .and_then(|()| reporter.summary(&summary));
    written.expect("writes to memory");
    let page = String::from_utf8(out).expect("text");
    for part in [
        "<html lang=\"de\">",
        "1 von 2 Lieferungen konnte nicht gelesen werden, 2 von 20.000 Datensätzen würden abgewiesen",
        "Exit-Status 2: nicht alles ließ sich erledigen",
        "<dt>Datensätze</dt><dd>20.000</dd>",
        "<h2>Was gefunden wurde</h2>",
        "2-mal in 1 Datensatz",
        "1 weitere dieser Art",
        "Datensatz <strong>HN-4711</strong>, a.xml, Zeile 31, Spalte 15",
        "<h2>Wo sie stehen</h2>",
        "konnte nicht gelesen werden: die Eingabe konnte nicht gelesen werden",
        "<h2>Prüfungen</h2>",
    ] {
        assert!(page.contains(part), "`{part}`: {page}");
    }
    for english in
        ["What was found", ">error<", "> error<", "records", "more like it", " and what to do", "Feeds"]
    {
        assert!(!page.contains(english), "{english}: {page}");
    }
    asks_for_nothing(&page);
}
