//! `feedgate rollback`: what it prints, its exit statuses, and that runs tell of it.

use super::{Desk, repository};
use std::fs;

/// A desk where a feed was imported, then one with another title, then one with a third.
fn imported(titles: &[&str]) -> Desk {
    let desk = Desk::new();
    let feed = fs::read_to_string(repository("samples/catalogue/good.xml")).expect("the sample");
    let title = feed.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
    let title = format!("<title>{}</title>", title.expect("a title"));
    for other in titles {
        desk.file("feed.xml", feed.replacen(&title, &format!("<title>{other}</title>"), 1));
        desk.call(&["import", "feed.xml"]).ends(0);
    }
    desk
}

#[test]
fn a_run_goes_back_and_forward_again() {
    let desk = imported(&["Erste", "Zweite"]);
    desk.call(&["rollback", "2", "--dry-run"])
        .ends(0)
        .prints(&["run 2 would be rolled back\n", "1 product restored"]);
    desk.call(&["runs", "3"]).ends(2);
    let reason = ["rollback", "2", "--reason", "wrong title"];
    desk.call(&reason).ends(0).prints(&["run 2 is rolled back, by run 3\n", "1 product restored, 0 removed"]);
    desk.call(&["runs"]).ends(0).prints(&["  rolled back run 2\n", "  rolled back by run 3\n"]);
    desk.call(&["runs", "3"])
        .ends(0)
        .prints(&["rolled back run 2\n", "message     rolled back run 2: wrong title\n"]);
    desk.call(&["runs", "2"]).ends(0).prints(&["rolled back by run 3\n"]);
    // The same feed is imported again, not passed over.
    desk.call(&["import", "feed.xml"]).ends(0).counts(&[("imported", "1")]);
    desk.call(&["rollback", "3"]).ends(1).tells(&["refused: later runs changed 1 of the products of run 3"]);
    desk.call(&["rollback", "4"]).ends(0);
    desk.call(&["rollback", "3"]).ends(0).prints(&["run 3 is rolled back, by run 6\n"]);
}

#[test]
fn what_cannot_go_back_is_told() {
    let desk = Desk::new();
    desk.call(&["rollback", "1"]).ends(2).tells(&["nothing was ever imported"]);
    let desk = imported(&["Erste", "Zweite"]);
    desk.call(&["rollback", "7"]).ends(2).tells(&["there is no run 7"]);
    desk.call(&["rollback", "1"]).ends(1).tells(&["(run 2)", "\n  --keep-later ", "\n  --undo-later "]);
    desk.call(&["rollback", "1", "--keep-later", "--undo-later"]).ends(2).tells(&["cannot be used with"]);
    desk.call(&["rollback", "1", "--keep-later"]).ends(0).prints(&["1 kept as later runs left them"]);
    desk.call(&["rollback", "1"]).ends(2).tells(&["run 1 was rolled back by run 3"]);
    desk.call(&["--set", "rollback.runs=0", "rollback", "3"]).ends(0);
    desk.call(&["rollback", "4"]).ends(2).tells(&["not kept any more", "`rollback.runs`"]);
}
