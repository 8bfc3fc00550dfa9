//! The page as a browser gets it.

use super::super::testing::{feed, feed_end, feed_end_as, finding, told};
use super::super::{ImportCounts, TraceLink};
use super::*;
use crate::judgement::Excerpt;
use crate::judgement::{Finding, RecordOrdinal, Severity, Tally};
use crate::xml::{Cursor, Event, Limits, XmlError};

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
    let mut tally = Tally { feeds: 1, records: 50, ..Tally::default() };
    for finding in findings {
        *tally.findings.entry((finding.code, finding.severity)).or_default() += 1;
    }
    let mut summary = Summary { tally, findings_told: findings.len() as u64, ..Summary::default() };
    summary.checks.add(&feed_end("a.xml"));
    page(&summary, |reporter| {
        let feed = feed("a.xml");
        findings.iter().try_for_each(|finding| reporter.finding(&told(&feed, finding)))?;
        reporter.feed_end(&feed_end("a.xml"))
    })
}

/// Names of all elements and their attributes; the page is well-formed XML but for its first line.
fn outline(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let page = page.strip_prefix("<!DOCTYPE html>").expect("a document type");
    let mut found = Vec::new();
    let mut cursor = Cursor::new(page.as_bytes(), Limits::default());
    let read = cursor.for_each_event(|event| {
        if let Event::Start(tag) = event {
            let attributes = tag.attributes.iter();
            let attributes = attributes.map(|a| (a.name.local().to_owned(), a.value.to_owned()));
            found.push((tag.name.local().to_owned(), attributes.collect()));
        }
        Ok::<(), XmlError>(())
    });
    read.expect("well-formed");
    found
}

#[test]
fn a_page_has_its_parts() {
    let page = of(&[finding(31, 15), finding(40, 15)]);
    for part in [
        "<title>feedgate validate: everything was checked and accepted</title>",
        "content=\"width=device-width, initial-scale=1\"",
        "content=\"default-src 'none'; style-src 'unsafe-inline';",
        "<dt>deviations</dt><dd>2</dd>",
        "<h2>Deviations by code</h2>",
        "aria-label=\"most of them, 2, in record 3\"",
        "<code>cvc-datatype-valid.1.2.1</code></a>",
        "2 times in 1 record",
        "Record <strong>HN-4711</strong>, a.xml, line 31, column 15",
        "<pre tabindex=\"0\">&#60;amount&#62;<mark>12,50</mark>&#60;/amount&#62;</pre>",
        "<h2>Checks</h2>",
        "<h2>Feeds</h2>",
        "prefers-color-scheme: dark",
    ] {
        assert!(page.contains(part), "`{part}` is missing:\n{page}");
    }
}

#[test]
fn a_page_asks_for_nothing() {
    let style = include_str!("style.css");
    for wrong in ["url(", "@import", "<", "&"] {
        assert!(!style.contains(wrong), "the style has `{wrong}`");
    }
    for (name, attributes) in outline(&of(&[finding(31, 15)])) {
        assert!(!["script", "img", "link", "iframe", "object", "form"].contains(&name.as_str()), "{name}");
        for (attribute, value) in attributes {
            assert!(!matches!(attribute.as_str(), "src" | "style" | "srcset"), "{name} {attribute}");
            assert!(!attribute.starts_with("on"), "{name} {attribute}");
            if attribute == "href" {
                assert!(name == "a" && value.starts_with("https://www.w3.org/TR/"), "{name} {value}");
            }
        }
    }
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
    // Codes, checks, feeds: 3, 6 and 5 columns; 1, 3 and 1 rows.
    assert_eq!((scopes("col"), scopes("row")), (14, 5));
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
    assert!(elements.iter().all(|(name, _)| name != "script" && name != "img"));
    let hostile =
        |pair: &(String, String)| pair.0.starts_with("on") || pair.0 == "href" && pair.1.starts_with("java");
    assert!(!elements.iter().any(|(_, attributes)| attributes.iter().any(hostile)));
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
}

#[test]
fn a_feed_is_one_row_that_says_what_it_came_to() {
    for (acceptance, verdict) in [
        (Acceptance::Accepted, "<td class=\"good\">accepted</td>"),
        (Acceptance::NotFullyChecked, "<td class=\"warning\">not fully checked</td>"),
        (Acceptance::Held, "<td class=\"warning\">held for approval</td>"),
        (Acceptance::Deviations, "<td class=\"error\">deviations</td>"),
        (
            Acceptance::Failed,
            "<td class=\"error\">could not be read: cannot read `a.xml`: the disk is gone</td>",
        ),
        (Acceptance::Cancelled, "<td class=\"warning\">cancelled</td>"),
    ] {
        let page = page(&Summary::default(), |reporter| reporter.feed_end(&feed_end_as("a.xml", acceptance)));
        assert!(page.contains(verdict), "{verdict}: {page}");
        assert_eq!(page.matches(">a.xml<").count(), 1, "{page}");
    }
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
    assert_eq!(page.matches("<details").count(), run_page::GROUPS_SHOWN_MAX);
    assert!(!page.contains("are counted above"));
    let page = kinds(GROUPS_MAX + 7);
    assert_eq!(page.matches("<details").count(), run_page::GROUPS_SHOWN_MAX);
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
