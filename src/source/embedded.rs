//! The formats that are part of the program.

/// A schema document that is part of the program.
#[derive(Debug)]
pub(crate) struct EmbeddedDocument {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// A format that is part of the program; its documents too, where their licence lets us.
#[derive(Debug)]
pub(crate) struct EmbeddedFormat {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) documents: &'static [EmbeddedDocument],
}

/// Every format of `schemas/`.
pub(crate) const FORMATS: &[EmbeddedFormat] = &[
    EmbeddedFormat {
        name: "catalogue",
        version: "1.0",
        profile: include_str!("../../schemas/catalogue/1.0/profile.toml"),
        documents: &[EmbeddedDocument {
            name: "catalogue.xsd",
            text: include_str!("../../schemas/catalogue/1.0/catalogue.xsd"),
        }],
    },
    EmbeddedFormat {
        name: "onix",
        version: "3.0",
        profile: include_str!("../../schemas/onix/3.0/profile.toml"),
        documents: &[],
    },
    EmbeddedFormat {
        name: "onix",
        version: "3.1",
        profile: include_str!("../../schemas/onix/3.1/profile.toml"),
        documents: &[],
    },
];
