//! Killed at any moment while a feed is held or let in, all is as before or as after, and the next run needs no help.

use super::approval::Shop;
use crate::kill::chance;
use crate::support::database::on_each;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How often each is killed on each database; more when there is time.
const KILLS: u32 = 4;
const KILLS_LONG: u32 = 25;

fn kills() -> u32 {
    if std::env::var_os("FEEDGATE_TEST_LONG").is_some() { KILLS_LONG } else { KILLS }
}

/// Starts the program and kills it somewhere on its way; says how long it was let live.
fn killed(shop: &Shop<'_>, arguments: &[&str], reach: Duration) {
    let mut all = arguments.to_vec();
    all.extend(["--database", shop.database.url.secret()]);
    let mut child = shop
        .desk
        .command(&all)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    std::thread::sleep(reach.mul_f64(0.2 + chance()));
    child.kill().expect("it can be killed, also when it has ended");
    child.wait().expect("it ends");
}

#[test]
fn a_killed_hold_or_release_leaves_before_or_after() {
    on_each(async |database| {
        let shop = Shop::new(database);
        let before = database.shop().await;
        let began = Instant::now();
        let feed = super::approval::feed(2, 60, "1000.00");
        shop.import(&feed).ends(3);
        let reach = began.elapsed();
        for _ in 0..kills() {
            killed(&shop, &["import", "feed.xml"], reach);
            assert_eq!(database.shop().await, before);
            let open = "select count(*) from held_feed where state = 'open'";
            assert_eq!(database.number(open).await, 1, "held once, whether it was killed early or late");
            let torn = "select count(*) from held_feed h where state = 'open' and packed_bytes <>
                (select sum(length(bytes)) from held_chunk c where c.feed_version_id = h.feed_version_id)";
            assert_eq!(database.number(torn).await, 0);
        }
        for _ in 0..kills() {
            let (id, plan) = shop.held();
            killed(&shop, &["held", "release", &id, "--plan", &plan, "--reason", "killed"], reach);
            let released = database.shop().await != before;
            let state =
                database.texts("select state from held_feed order by feed_version_id desc limit 1").await;
            assert_eq!(state, [if released { "released" } else { "open" }]);
            let prices = shop.prices().await;
            assert_eq!(prices, [if released { "1000 60" } else { "10 60" }]);
            if released {
                let run = database.number("select max(id) from run").await.to_string();
                shop.call(&["rollback", &run]).ends(0);
                shop.import(&feed).ends(3);
            }
        }
        shop.release().ends(0);
        assert_eq!(shop.prices().await, ["1000 60"]);
    });
}
