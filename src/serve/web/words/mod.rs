//! What the page says, in each of its languages.
//!
//! A screen has a file here. Each text stands in all languages side by side, so that one can be held against the other,
//! and one that lacks a language does not compile. Sentences with numbers in them are functions of the screens.

/// Texts of a screen: a name, English, German.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($field:ident: $english:literal, $german:literal;)+ }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(in crate::serve::web) struct $name {
            $(pub(in crate::serve::web) $field: &'static str,)+
        }

        impl $name {
            const ENGLISH: Self = Self { $($field: $english,)+ };
            const GERMAN: Self = Self { $($field: $german,)+ };

            /// In a language.
            pub(in crate::serve::web) const fn of(
                language: crate::serve::web::language::Language,
            ) -> &'static Self {
                match language {
                    crate::serve::web::language::Language::English => &Self::ENGLISH,
                    crate::serve::web::language::Language::German => &Self::GERMAN,
                }
            }
        }
    };
}

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
mod shared;
mod sign_in;
mod sources;

pub(super) use action::action_on_page;
pub(super) use error_page::{ErrorWords, advice, title};
pub(super) use findings::FindingsWords;
pub(super) use frame::FrameWords;
pub(super) use held::HeldWords;
pub(super) use inbox::InboxWords;
pub(super) use quarantine::QuarantineWords;
pub(super) use record::RecordWords;
pub(super) use rollback::RollbackWords;
pub(super) use run::RunWords;
pub(super) use shared::SharedWords;
pub(super) use sign_in::SignInWords;
pub(super) use sources::SourceWords;
