//! All integration tests in one program: it links once, and `layering` fails when a file is forgotten here.

mod acceptance;
mod clauses;
mod cli;
mod conformance;
mod dates;
mod diff;
mod formats;
mod fuzz;
mod guard;
mod hostile;
mod identity;
mod import;
mod kept;
mod kill;
mod layering;
mod look;
mod meaning;
mod mended;
mod onix;
mod order;
mod rollback;
mod siblings;
mod store;
mod support;
mod telemetry;
mod worth;
