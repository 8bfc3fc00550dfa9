//! Many uploads at once, and one large among them.

use super::order::all_ended;
use super::web::{browser, page};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::on_each;
use crate::support::service::{Service, client, submitted, upload};
use futures_util::future::join_all;

/// Small feeds at once.
const SMALL: u32 = 200;
/// The most memory that the service may take, in KiB.
const MEMORY_KIB_MAX: u64 = 256 << 10;

/// Sources on a page, and bytes of one.
const SOURCES_ON_PAGE: usize = 50;
const PAGE_BYTES_MAX: usize = 60 << 10;

/// Records of the large feed.
fn large() -> u32 {
    if std::env::var_os("FEEDGATE_TEST_LONG").is_some() { 100_000 } else { 10_000 }
}

#[test]
fn many_small_feeds_beside_a_large_one_are_taken_and_right() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let long = catalogue("Large", large(), |_| Fault::None);
        let small = |number: u32| catalogue(&format!("Small {number}"), 1, |_| Fault::None);
        let uploads = (0..SMALL).map(|number| submitted(upload(&client, &service, "", small(number))));
        let (first, others) = tokio::join!(submitted(upload(&client, &service, "", long)), join_all(uploads));
        let mut runs = [vec![first], others].concat();
        all_ended(database).await;
        runs.sort_unstable();
        runs.dedup();
        assert_eq!(runs.len(), SMALL as usize + 1, "each is a run of its own");
        assert_eq!(database.number("select count(*) from run where state <> 'succeeded'").await, 0);
        let of_large = "select count(*) from product where source = 'Large'";
        assert_eq!(database.number(of_large).await, i64::from(large()));
        let of_small = "select count(distinct source) from product where source like 'Small %'";
        assert_eq!(database.number(of_small).await, i64::from(SMALL));
        assert_eq!(database.number("select count(*) from product").await, i64::from(large() + SMALL));
        let sources = page(browser().get(service.url("/sources"))).await;
        assert_eq!(sources.matches("<th scope=\"row\">").count(), SOURCES_ON_PAGE);
        assert!(sources.contains("201 sources") && sources.len() < PAGE_BYTES_MAX, "{}", sources.len());
        let inbox = page(browser().get(service.url("/"))).await;
        assert!(inbox.contains("201 runs") && inbox.len() < PAGE_BYTES_MAX, "{}", inbox.len());
        let memory = service.memory_kib_max();
        assert!(memory < MEMORY_KIB_MAX, "{memory} KiB");
    });
}
