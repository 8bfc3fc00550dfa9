//! What the suite shares.

pub(crate) mod database;
pub(crate) mod products;
