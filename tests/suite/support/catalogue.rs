//! Catalogue feeds of any length, with faults where they are wanted.

use std::fmt::Write;

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Its price has a comma.
    Price,
    /// It has no title.
    Title,
    /// Its number of pages is none.
    Pages,
    /// As many more prices, each with a comma.
    Prices(usize),
}

/// A feed of so many small records; `fault` says what is wrong with each, by its number from 0.
pub(crate) fn catalogue(sender: &str, records: u32, fault: impl Fn(u32) -> Fault) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalogue xmlns=\"urn:feedgate:catalogue:1.0\" \
         version=\"1.0\">\n  <header>\n    <sender>{sender}</sender>\n    <sent>2026-10-01T06:00:00Z</sent>\n    \
         <defaultLanguage>ger</defaultLanguage>\n    <defaultCurrency>EUR</defaultCurrency>\n  </header>\n"
    );
    for number in 0..records {
        let fault = fault(number);
        let title = if fault == Fault::Title { "" } else { "<title>Sonate</title>" };
        let pages = if fault == Fault::Pages { "viele" } else { "24" };
        let amount = if fault == Fault::Price { "12,50" } else { "12.50" };
        let more = if let Fault::Prices(count) = fault { count } else { 0 };
        let more = "<price kind=\"04\"><amount>12,50</amount></price>".repeat(more);
        writeln!(
            text,
            "  <product reference=\"r-{number}\" notification=\"new\"><editionNumber>BE {number}</editionNumber>{title}\
             <editionKind>score</editionKind><pages>{pages}</pages><availability>21</availability><prices><price \
             kind=\"04\"><amount>{amount}</amount></price>{more}</prices></product>"
        )
        .expect("writes to memory");
    }
    text + "</catalogue>\n"
}
