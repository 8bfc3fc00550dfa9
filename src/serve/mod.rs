//! The upload service: feeds over HTTP, durable, in order, several at once.
//!
//! ```text
//!  POST /v1/feeds ─▶ receive: spool, digest ─▶ queue (database) ─▶ worker: claim ─▶ run ─▶ its end in the database
//!                         limits, one problem                       own threads      the same run as `import`
//!                         for every failure                         lease, attempt
//!  GET … ─▶ router ─▶ one resource, one file: extract, call, render
//! ```
//!
//! * What was answered by 202 is on the disk and in the database: it is done, whoever is killed meanwhile.
//! * Nothing of a feed is held in memory beyond [`receive::BUFFER_BYTES`]; reading and judging happen on threads of
//!   their own, so requests are answered while feeds are read.
//! * A worker writes under the number of its attempt: one that was stopped for longer than its lease cannot apply.
//! * Several instances share one database and one spool folder; with SQLite there is one.
//! * Every failure is a problem of one kind, told in one form ([`problem`]).

mod audit;
mod auth;
mod check;
mod cpu;
mod deeds;
mod diff;
mod document;
mod events;
mod examples;
mod expected;
mod expiry;
mod finding;
mod findings;
mod form;
mod formats;
mod health;
mod held;
mod housekeeping;
mod json;
mod kept;
mod listener;
mod operators;
mod page;
mod parameters;
mod plan;
mod problem;
mod quarantine;
mod receive;
mod release;
mod replay;
mod report;
mod requests;
mod rollback;
mod router;
mod run;
mod runs;
mod service;
mod sources;
mod upload;
mod verdict;
mod versions;
mod web;
mod wire;
mod worker;

pub use listener::{ServeError, Serving};
pub use operators::Operators;
pub use plan::{Secrets, ServePlan};
