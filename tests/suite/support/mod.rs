//! What the suite shares.

pub(crate) mod authority;
pub(crate) mod browser;
pub(crate) mod catalogue;
pub(crate) mod collector;
pub(crate) mod database;
pub(crate) mod fake_service;
pub(crate) mod feeds;
pub(crate) mod json_schema;
pub(crate) mod observatory;
pub(crate) mod onix;
pub(crate) mod products;
pub(crate) mod service;
