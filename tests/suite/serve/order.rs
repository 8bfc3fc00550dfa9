//! Feeds of one source are done one after another, as they came; those of others beside them.

use crate::kill::chance;
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each};
use crate::support::service::{Service, client, submitted, upload};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Sources.
const SOURCES: u32 = 20;

/// How many feeds are submitted.
fn submissions() -> u32 {
    if std::env::var_os("FEEDGATE_TEST_LONG").is_some() { 1_000 } else { 100 }
}

/// A feed whose only product says which one it was.
fn version(source: u32, number: u32) -> String {
    catalogue(&format!("S{source}"), 1, |_| Fault::None).replace("Sonate", &format!("Sonate {number}"))
}

/// How long it may last until another run ends.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until nothing waits or runs any more, as long as it becomes less.
pub(crate) async fn all_ended(database: &TestDatabase) {
    let (mut least, mut since) = (i64::MAX, Instant::now());
    loop {
        let open = database.number("select count(*) from run where state in ('queued', 'running')").await;
        if open == 0 {
            return;
        }
        if open < least {
            (least, since) = (open, Instant::now());
        }
        assert!(since.elapsed() < PATIENCE, "{open} runs do not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[test]
fn each_source_is_applied_in_the_order_of_arrival() {
    on_each(async |database| {
        let arguments = ["--workers", "4", "--set", "rollback.runs=2000"];
        let (service, client) = (Service::start(database, &arguments), client());
        let mut sent: BTreeMap<u32, u32> = BTreeMap::new();
        for number in 0..submissions() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small positive number"
            )]
            let source = (chance() * f64::from(SOURCES)) as u32 % SOURCES;
            submitted(upload(&client, &service, "", version(source, number))).await;
            sent.insert(source, number);
        }
        all_ended(database).await;
        let stands = database.texts("select source || ' ' || title from product order by source").await;
        let mut last: Vec<_> =
            sent.iter().map(|(source, number)| format!("S{source} Sonate {number}")).collect();
        last.sort_unstable();
        assert_eq!(stands, last, "the last one that came stands");
        assert_eq!(database.number("select count(*) from rollback_point").await, i64::from(submissions()));
        let overtaken = "select count(*) from run a join run b on a.lane = b.lane and a.id < b.id
            join rollback_point pa on pa.run_id = a.id join rollback_point pb on pb.run_id = b.id
            where pb.place < pa.place";
        assert_eq!(database.number(overtaken).await, 0, "applied in the order in which they came");
        let wrong = "select count(*) from run where state <> 'succeeded'";
        assert_eq!(database.number(wrong).await, 0);
    });
}
