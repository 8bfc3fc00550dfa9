//! Looks at what an inventory lists: files, secrets, and endpoints in `probe` alone.
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
mod probe;
mod secrets;

use crate::expiry::limits::INVENTORY_BYTES_MAX;
use crate::expiry::{Inventory, InventoryError, Scan, Sight, Thing, Watched, judge};
use files::Capped;
use jiff::Timestamp;
use probe::SystemRoots;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Endpoints that are looked at at a time: most of the time of each is waiting.
const PROBES_AT_ONCE: usize = 16;

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
        let things = &self.inventory.things;
        let roots = SystemRoots::default();
        let look =
            |thing: &Arc<Thing>| judge(Arc::clone(thing), self.look(thing, variables, &roots, now), now);
        let (endpoints, others): (Vec<_>, Vec<_>) = things.iter().partition(|thing| is_endpoint(thing));
        let (next, seen) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(things.len())));
        std::thread::scope(|threads| {
            for _ in 0..endpoints.len().min(PROBES_AT_ONCE) {
                threads.spawn(|| {
                    while let Some(thing) = endpoints.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let standing = look(thing);
                        seen.lock().unwrap_or_else(PoisonError::into_inner).push(standing);
                    }
                });
            }
        });
        let mut standings = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        standings.extend(others.into_iter().map(look));
        Scan::new(now, standings)
    }

    fn look(&self, thing: &Thing, variables: Variables<'_>, roots: &SystemRoots, now: Timestamp) -> Sight {
        match &thing.watched {
            Watched::Files { form, path, password, except, .. } => {
                let password =
                    password.as_ref().map(|source| secrets::password(source, &self.folder, variables));
                match password.transpose() {
                    Ok(password) => files::look(*form, &self.folder.join(path), password.as_ref(), except),
                    Err(trouble) => Sight { troubles: vec![trouble], ..Sight::default() },
                }
            }
            Watched::Endpoint(endpoint) => probe::look(endpoint, &self.folder, roots, now),
            Watched::Date { .. } | Watched::Edition { .. } => thing.known(now).unwrap_or_default(),
        }
    }
}

fn is_endpoint(thing: &Thing) -> bool {
    matches!(thing.watched, Watched::Endpoint(_))
}
