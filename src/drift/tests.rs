//! The judge at work: feeds of two formats that are changed in 25 ways, nights in which nothing happened, and feeds
//! that want to be too much.

mod feeds;
mod mutations;
mod nights;
mod shards;

/// Whether the long form of a test is asked for.
fn is_long() -> bool {
    option_env!("FEEDGATE_TEST_LONG").is_some()
}
