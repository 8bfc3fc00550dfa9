//! Whoever is killed or stopped: what was taken is done, once.

use super::order::all_ended;
use super::submit::small;
use crate::kill::chance;
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each};
use crate::support::service::{Service, client, ended, submitted, until, upload};
use feedgate::config::DatabaseKind;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How often the service is killed.
fn kills() -> u32 {
    if std::env::var_os("FEEDGATE_TEST_LONG").is_some() { 100 } else { 5 }
}

/// When a feed is sent after one that had no room.
const LATER: Duration = Duration::from_millis(100);
/// Clients that submit at a time.
const CLIENTS: u32 = 8;

/// Submits feeds until the service is gone; gives back the numbers of those that were taken.
async fn flood(service: &Service, numbers: &AtomicU32) -> Vec<u32> {
    let client = client();
    let one = async || {
        let mut taken = Vec::new();
        loop {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            let feed = small(&format!("S{}", number % 7), number);
            let sent = upload(&client, service, &format!("?name=f{number}"), feed).send().await;
            match sent {
                Ok(response) if response.status() == 202 => taken.push(number),
                // More waits than may wait: later.
                Ok(response) if response.status() == 503 => tokio::time::sleep(LATER).await,
                Ok(response) => panic!("refused: {response:?}"),
                Err(_) => return taken,
            }
        }
    };
    let all = futures_util::future::join_all((0..CLIENTS).map(|_| one())).await;
    all.into_iter().flatten().collect()
}

/// Every feed that was taken is in the shop, and no feed was applied twice.
async fn settled(database: &TestDatabase, taken: &[u32]) {
    all_ended(database).await;
    let there: HashSet<String> =
        database.texts("select record_reference from product").await.into_iter().collect();
    for number in taken {
        let runs = format!(
            "select r.id || ' ' || r.state || ' attempt ' || r.attempt || ' feeds ' || r.feeds || ' inserted '
                || r.inserted || ' ' || coalesce(r.message, '') || ' ' || coalesce(v.state, 'no feed')
             from run r join submission s on s.run_id = r.id left join feed_version v on v.run_id = r.id
             where s.feed = 'f{number}'"
        );
        let is_there = there.contains(&format!("r-{number}"));
        assert!(
            is_there,
            "feed {number} was taken and is not in the shop: {:?}",
            database.texts(&runs).await
        );
    }
    let twice = "select count(*) from (select feed from feed_version where state = 'applied'
        group by feed having count(*) > 1) t";
    assert_eq!(database.number(twice).await, 0, "a feed was applied twice");
    let wrong = "select message from run where state not in ('succeeded')";
    assert_eq!(database.texts(wrong).await, <[String; 0]>::default());
    assert_eq!(database.number("select count(*) from submission where spool is not null").await, 0);
}

#[test]
fn killed_under_load_it_loses_nothing_and_applies_nothing_twice() {
    on_each(async |database| {
        let (numbers, mut taken) = (AtomicU32::new(0), Vec::new());
        for _ in 0..kills() {
            let service = Service::start(database, &["--set", "serve.queue_max=500"]);
            let pause = Duration::from_millis(200).mul_f64(0.2 + 4.0 * chance());
            let process = service.process().to_string();
            let kill = async {
                tokio::time::sleep(pause).await;
                let killed = std::process::Command::new("kill").args(["-9", &process]).status();
                assert!(killed.expect("there is a kill").success());
            };
            let (more, ()) = futures_util::future::join(flood(&service, &numbers), kill).await;
            taken.extend(more);
        }
        assert!(!taken.is_empty(), "something was taken in between");
        let _service = Service::start(database, &[]);
        settled(database, &taken).await;
    });
}

#[test]
fn asked_to_stop_it_gives_runs_back_at_once() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &["--workers", "1"]), client());
        let feed = catalogue("A", 20_000, |_| Fault::None);
        let run = submitted(upload(&client, &service, "", feed)).await;
        until("it runs", async || {
            (database.texts("select state from run").await == ["running"]).then_some(())
        })
        .await;
        assert!(service.stop().success());
        assert_eq!(database.texts("select state from run").await, ["queued"]);
        assert_eq!(database.number("select lost from submission").await, 0);
        let service = Service::start(database, &[]);
        assert_eq!(ended(&client, &service, run).await["state"], "succeeded");
        assert_eq!(database.number("select attempt from run").await, 2);
    });
}

#[test]
fn a_worker_that_was_stopped_beyond_its_lease_cannot_apply() {
    on_each(async |database| {
        if database.kind() == DatabaseKind::Sqlite {
            // One instance alone works over a file.
            return;
        }
        let lease = ["--set", "import.lease=5s", "--workers", "1"];
        let (stopped, client) = (Service::start(database, &lease), client());
        let feed = catalogue("A", 20_000, |_| Fault::None);
        let run = submitted(upload(&client, &stopped, "", feed)).await;
        let records = "select progress_records from submission";
        until("it is read", async || (database.number(records).await > 0).then_some(())).await;
        stopped.signal("STOP");
        assert_eq!(database.texts("select state from run").await, ["running"], "stopped in the middle");
        let other = Service::start(database, &lease);
        let end = ended(&client, &other, run).await;
        assert_eq!((&end["state"], &end["counts"]["inserted"]), (&"succeeded".into(), &20_000.into()));
        stopped.signal("CONT");
        until("it notices", async || stopped.log().contains("taken over").then_some(())).await;
        assert_eq!(database.number("select attempt from run").await, 2);
        assert_eq!(database.number("select lost from submission").await, 1);
        assert_eq!(database.number("select count(*) from feed_version").await, 1, "applied once");
        assert_eq!(database.texts("select state from run").await, ["succeeded"]);
    });
}

#[test]
fn of_three_instances_one_may_be_killed() {
    on_each(async |database| {
        if database.kind() == DatabaseKind::Sqlite {
            return;
        }
        let lease = ["--set", "import.lease=5s"];
        let services = [0, 1, 2].map(|_| Service::start(database, &lease));
        let client = client();
        let mut taken = Vec::new();
        let [first, second, third] = services;
        for number in 0..60 {
            let service = if number % 2 == 0 { &first } else { &second };
            let feed = small(&format!("S{}", number % 7), number);
            submitted(upload(&client, service, &format!("?name=f{number}"), feed)).await;
            taken.push(number);
            if number == 30 {
                third.signal("KILL");
            }
        }
        settled(database, &taken).await;
    });
}

#[test]
fn who_cancels_a_run_whose_end_alone_was_lost_is_told_that_its_feed_stands() {
    on_each(async |database| {
        // Signs of life, by which a worker learns of cancelling, every quarter of it.
        let (lease, client) = (["--workers", "1", "--set", "import.lease=5s"], client());
        let service = Service::start(database, &lease);
        let feed = catalogue("A", 20_000, |_| Fault::None);
        let run = submitted(upload(&client, &service, "", feed.clone())).await;
        ended(&client, &service, run).await;
        assert!(service.stop().success());
        // As if its worker had been killed between the feed and the end of the run, and somebody had cancelled it then.
        let name = format!("{}.feed", "a".repeat(24));
        std::fs::write(database.folder.path().join("spool").join(&name), feed).expect("a spool");
        database.execute("delete from run_report").await;
        database.execute("update run set state = 'queued', finished_at = null, exit_status = null").await;
        database.execute(&format!("update submission set spool = '{name}', cancel_asked = true")).await;
        let service = Service::start(database, &lease);
        let end = ended(&client, &service, run).await;
        assert_eq!((&end["state"], &end["attempt"]), (&"succeeded".into(), &2.into()), "{end}");
        let message = end["message"].as_str().expect("it says what became of the request");
        assert!(message.contains("too late") && message.contains("stands"), "{message}");
        assert_eq!(database.number("select count(*) from product").await, 20_000);
    });
}

#[test]
fn a_run_that_takes_its_worker_down_three_times_has_failed() {
    on_each(async |database| {
        let (client, mut run) = (client(), 0);
        for attempt in 1..=3 {
            let service = Service::start(database, &["--workers", "1"]);
            if attempt == 1 {
                let feed = catalogue("A", 20_000, |_| Fault::None);
                run = submitted(upload(&client, &service, "", feed)).await;
            }
            let begun = format!("select count(*) from run where state = 'running' and attempt = {attempt}");
            until("it runs", async || (database.number(&begun).await == 1).then_some(())).await;
            service.kill();
        }
        let service = Service::start(database, &[]);
        let end = ended(&client, &service, run).await;
        assert_eq!((&end["state"], &end["exit_status"]), (&"failed".into(), &2.into()));
        assert!(end["message"].as_str().expect("it says why").contains("3 times"), "{end}");
        assert_eq!(database.number("select count(*) from product").await, 0);
    });
}
