//! Pages in a real browser: the report and the comparison, as somebody sees and uses them.

use super::cli::{Desk, repository};
use super::support::browser::{Browser, Scheme};
use fantoccini::Locator;
use serde_json::Value;
use std::fs;

/// Widths of a phone, a narrow phone and a desk.
const WIDTHS: [u32; 3] = [320, 390, 1280];

/// A report over good and broken feeds, and a comparison of two of them.
fn desk() -> Desk {
    let desk = Desk::new();
    let sample =
        |name: &str| fs::read_to_string(repository("samples/catalogue").join(name)).expect("a sample");
    let good = sample("good.xml");
    desk.file("feeds/good.xml", &good);
    for fault in ["bad-gtin", "comma-in-price", "cut-off", "missing-element", "doctype"] {
        desk.file(&format!("feeds/{fault}.xml"), sample(&format!("faults/{fault}.xml")));
    }
    let changed = good.replace("34.00", "35.00").replacen("<product ", "<product new='' ", 1);
    desk.file("new.xml", changed.replace(" new=''", ""));
    desk.call(&["validate", "feeds", "--report-file", "html=report.html"]).ends(2);
    desk.call(&["diff", "feeds/good.xml", "new.xml", "--report-file", "html=diff.html"]).ends(1);
    desk
}

fn address(desk: &Desk, page: &str) -> String {
    format!("file://{}", desk.path(page).display())
}

/// Types into the search field of a page, and waits until that has answered.
async fn search(browser: &Browser, page: &str, what: &str) -> String {
    browser.open(page).await;
    let field = browser.client().find(Locator::Css("input[type=search]")).await.expect("a field");
    field.send_keys(what).await.expect("somebody types");
    browser.until("return document.querySelector('output').textContent !== ''").await;
    browser
        .run("return document.querySelector('output').textContent")
        .await
        .as_str()
        .expect("text")
        .to_owned()
}

#[tokio::test]
async fn a_report_is_read_searched_and_fits_every_window() {
    let Some(browser) = Browser::start("no report is looked at in a browser").await else { return };
    let desk = desk();
    for page in ["report.html", "diff.html"] {
        for (width, scheme) in WIDTHS.into_iter().flat_map(|width| Scheme::BOTH.map(|scheme| (width, scheme)))
        {
            browser.looks(width, scheme).await;
            browser.open(&address(&desk, page)).await;
            assert_eq!(browser.overflow().await, 0, "{page} at {width}");
            browser.picture(&format!("{page}-{width}-{scheme:?}")).await;
            if let Some(obstacles) = browser.obstacles().await {
                assert_eq!(obstacles, [""; 0], "{page} at {width}, {scheme:?}");
            }
        }
        assert_eq!(browser.complaints().await, [""; 0], "{page}");
    }
    let page = address(&desk, "report.html");
    browser.open(&page).await;
    assert!(browser.text().await.contains("1 of 6 feeds could not be read"));
    assert_eq!(search(&browser, &page, "30,00").await, "1 of 5 kinds shown");
    assert_eq!(search(&browser, &page, "gtin digit").await, "1 of 5 kinds shown");
    assert_eq!(search(&browser, &page, "such a thing is nowhere").await, "0 of 5 kinds shown");
}

#[tokio::test]
async fn a_report_without_scripts_shows_everything() {
    let Some(browser) = Browser::start("no report is looked at without scripts").await else { return };
    let desk = desk();
    browser.scripts(false).await;
    browser.open(&address(&desk, "report.html")).await;
    let text = browser.text().await;
    assert!(text.contains("was probably cut off") && text.contains("30,00"), "{text}");
    assert_eq!(browser.run("return document.querySelector('.sift').hidden").await, Value::Bool(true));
}
