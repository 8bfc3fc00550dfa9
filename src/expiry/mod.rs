//! What expires, and until when: bytes in, dates out.
//!
//! ```text
//!  inventory (TOML) ─▶ Thing: what is watched, whose it is, how long before its end it is told
//!  bytes ─▶ read ─▶ Dated: from, until, whose, which key        one reader for each form
//!  Thing + Sight ─▶ judge ─▶ Standing: a state, the earliest end that matters, what is wrong
//!  Standings ─▶ Scan: sorted by what needs a hand first; keys that two things share
//! ```
//!
//! * *Not knowing* is a state like any other, and never [`State::Ok`]: what cannot be read, opened, reached or found is
//!   told as loudly as what has expired.
//! * A private key is never decrypted, and a password is in no error, no log and no output ([`Password`]).
//! * Every size that a file controls has a limit with a name ([`limits`]); work that a file asks for is counted before
//!   it is done.
//! * Now is handed in: what is told depends on the bytes, the inventory and the moment alone.
//!
//! Not here: files, sockets, the environment and the clock (`survey` has them), and how a scan is written down
//! (`report`). Signatures are not verified: a date is believed as it stands, but for what an endpoint serves.

mod chain;
mod dated;
mod inventory;
mod judge;
pub mod limits;
mod name;
mod password;
mod read;
mod scan;
mod sight;
mod state;
mod term;
mod thing;
mod thresholds;

pub use chain::Role;
pub use dated::{Dated, KeyDigest};
pub use inventory::{INVENTORY_EXAMPLE, INVENTORY_SCHEMA, Inventory, InventoryError, InventoryFault};
pub use judge::judge;
pub use name::{ThingName, ThingNameError};
pub use password::Password;
pub use read::{Form, Known, ReadError, Reading, read, read_chain};
pub use scan::{Change, Scan};
pub use sight::{Item, Sight, Standing, Trouble};
pub use state::{Reason, State};
pub use term::Term;
pub use thing::{Confirmation, Counting, Endpoint, Kind, PasswordSource, StartTls, Thing, Watched};
pub use thresholds::Thresholds;
