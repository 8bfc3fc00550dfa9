//! Texts of pages, in each of their languages.
//!
//! Each stands in all languages side by side, so that one can be held against the other, and one that lacks a language
//! does not compile. Sentences with numbers in them are functions of the pages.

/// Texts: a name, English, German.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($field:ident: $english:literal, $german:literal;)+ }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(crate) struct $name {
            $(pub(crate) $field: &'static str,)+
        }

        impl $name {
            const ENGLISH: Self = Self { $($field: $english,)+ };
            const GERMAN: Self = Self { $($field: $german,)+ };

            /// In a language.
            pub(crate) const fn of(
                language: crate::judgement::Language,
            ) -> &'static Self {
                match language {
                    crate::judgement::Language::English => &Self::ENGLISH,
                    crate::judgement::Language::German => &Self::GERMAN,
                }
            }
        }
    };
}
