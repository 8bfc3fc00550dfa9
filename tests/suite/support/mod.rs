//! What the suite shares.

pub(crate) mod database;
pub(crate) mod feeds;
pub(crate) mod products;
