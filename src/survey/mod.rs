//! Looks at what an inventory lists: files, secrets, and endpoints in [`probe`](self) alone.
//!
//! ```text
//!  inventory file ─▶ Survey ─┬ known without looking     (dates, editions)
//!                            ├ files: capped, folders walked ─▶ expiry::read
//!                            └ endpoints: a connection each, a few at a time
//!                               └─▶ Sight ─▶ expiry::judge ─▶ Scan
//! ```
//!
//! * Whatever goes wrong with one thing is trouble of that thing, and the others are looked at.
//! * Nothing is written, and nothing is sent but what TLS and STARTTLS need.
//! * A file is opened only when it is a regular one, and read only up to a limit.

mod files;
mod secrets;

use crate::expiry::limits::INVENTORY_BYTES_MAX;
use crate::expiry::{Inventory, InventoryError, Scan, Sight, Standing, Thing, Watched, judge};
use files::Capped;
use jiff::Timestamp;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Looks up a variable of the environment.
pub type Variables<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// Why nothing can be looked at.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The inventory cannot be read.
    #[error("cannot read the inventory `{}`", .path.display())]
    Read {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The inventory makes no sense.
    #[error("the inventory `{}` cannot be used", .path.display())]
    Inventory {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: InventoryError,
    },
}

/// An inventory, and from where its paths go.
#[derive(Clone, Debug)]
pub struct Survey {
    folder: PathBuf,
    /// What is looked at.
    pub inventory: Inventory,
}

impl Survey {
    /// Reads an inventory.
    pub fn open(path: &Path) -> Result<Self, SurveyError> {
        let failed = |source| SurveyError::Read { path: path.to_owned(), source };
        let read = files::read_capped(path, INVENTORY_BYTES_MAX).map_err(failed)?;
        let inventory = match read {
            Capped::Whole(bytes, _) => Inventory::read(&bytes),
            Capped::TooLong => Err(InventoryError::TooLong),
        };
        let inventory =
            inventory.map_err(|source| SurveyError::Inventory { path: path.to_owned(), source })?;
        Ok(Self { folder: path.parent().unwrap_or(Path::new("")).to_owned(), inventory })
    }

    /// The same with those things only that `keep` keeps.
    #[must_use]
    pub fn select(self, keep: impl Fn(&Thing) -> bool) -> Self {
        Self { inventory: self.inventory.select(keep), ..self }
    }

    /// Looks at everything, and judges it by this moment.
    #[must_use]
    pub fn scan(&self, variables: Variables<'_>, now: Timestamp) -> Scan {
        let standing = |thing: &Arc<Thing>| -> Standing {
            let sight = thing.known(now).unwrap_or_else(|| self.look(thing, variables));
            judge(Arc::clone(thing), sight, now)
        };
        Scan::new(now, self.inventory.things.iter().map(standing).collect())
    }

    fn look(&self, thing: &Thing, variables: Variables<'_>) -> Sight {
        match &thing.watched {
            Watched::Files { form, path, password, except, .. } => {
                let password = password.as_ref().map(|source| secrets::password(source, &self.folder, variables));
                match password.transpose() {
                    Ok(password) => {
                        files::look(*form, &self.folder.join(path), password.as_ref(), except)
                    }
                    Err(trouble) => Sight { troubles: vec![trouble], ..Sight::default() },
                }
            }
            Watched::Date { .. } | Watched::Edition { .. } | Watched::Endpoint(_) => Sight::default(),
        }
    }
}
