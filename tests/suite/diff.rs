//! `feedgate diff`: cases with their reports as data, and what a diff has to be true to.

mod cases;
mod equivalence;
mod shop;
