//! What the page says, in each of its languages.
//!
//! A screen has a file here. Each text stands in all languages side by side, so that one can be held against the other,
//! and one that lacks a language does not compile. Sentences with numbers in them are functions of the screens.

mod action;
mod error_page;
mod findings;
mod frame;
mod held;
mod inbox;
mod quarantine;
mod record;
mod rollback;
mod run;
mod run_record;
mod shared;
mod sign_in;
mod sources;

pub(super) use action::action_on_page;
pub(super) use error_page::{ErrorWords, PART_OF_RUN, advice, detail, title};
pub(super) use findings::FindingsWords;
pub(super) use frame::FrameWords;
pub(super) use held::HeldWords;
pub(super) use inbox::InboxWords;
pub(super) use quarantine::QuarantineWords;
pub(super) use record::RecordWords;
pub(super) use rollback::RollbackWords;
pub(super) use run::RunWords;
pub(super) use run_record::RunRecordWords;
pub(super) use shared::SharedWords;
pub(super) use sign_in::SignInWords;
pub(super) use sources::SourceWords;
