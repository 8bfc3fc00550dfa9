//! What was seen of a thing, and how it stands by that.

use super::dated::Dated;
use super::state::{Reason, State};
use super::term::Term;
use super::thing::Thing;
use std::sync::Arc;

/// Something that is wrong with a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// How the thing stands by it.
    pub state: State,
    /// Why, for programs.
    pub reason: Reason,
    /// Where: a file, an entry; empty for the whole.
    pub place: String,
    /// What is wrong and what to do, without a full stop.
    pub sentence: String,
}

impl Trouble {
    /// Trouble with the whole thing.
    #[must_use]
    pub fn new(state: State, reason: Reason, sentence: impl Into<String>) -> Self {
        Self { state, reason, place: String::new(), sentence: sentence.into() }
    }

    /// The same at a place.
    #[must_use]
    pub fn at(self, place: impl Into<String>) -> Self {
        Self { place: place.into(), ..self }
    }
}

/// What was seen of a thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// What has dates, each with its place: the file it is in, or empty.
    pub found: Vec<(String, Dated)>,
    /// What could not be seen.
    pub troubles: Vec<Trouble>,
    /// Files of a folder that were passed over: they hold nothing that expires.
    pub passed_over: usize,
}

/// One dated item of a thing, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub dated: Dated,
    /// Where it is; empty for the whole.
    pub place: String,
    /// How it stands alone.
    pub state: State,
    /// Whether the thing stands by it; see [`Counting`](super::Counting).
    pub counts: bool,
}

/// How a thing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The thing.
    pub thing: Arc<Thing>,
    /// How it stands.
    pub state: State,
    /// The earliest end that matters; `None` when none is known.
    pub until: Option<Term>,
    /// The item that ends then.
    pub earliest: Option<usize>,
    /// All that was found, the earliest end that counts first.
    pub items: Vec<Item>,
    /// What is wrong, the gravest first.
    pub troubles: Vec<Trouble>,
    /// Other things with the same public key.
    pub shared_with: Vec<String>,
    /// Files that were passed over.
    pub passed_over: usize,
}

impl Standing {
    /// The item whose end is the thing's.
    #[must_use]
    pub fn earliest(&self) -> Option<&Item> {
        self.earliest.and_then(|index| self.items.get(index))
    }
}
