//! The service over sockets, as processes of its own, on both databases.

mod client;
mod deeds;
mod held_pages;
mod hostile;
mod look;
mod many;
mod open;
mod order;
mod record;
mod source_pages;
mod submit;
mod survival;
mod token_pages;
mod web;

use crate::support::database::{TestDatabase, renamed};

/// The database `postgres` of the server that has this one.
fn server(database: &TestDatabase) -> TestDatabase {
    let folder = tempfile::tempdir().expect("a folder for a test");
    let url = renamed(database.url.secret(), "postgres").parse().expect("an address");
    TestDatabase { url, folder }
}
