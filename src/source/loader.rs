//! Schema documents to a compiled schema: the engine asks, the closed set answers.

use super::documents::{DocumentError, Documents, read_capped};
use crate::xsd::{Assembler, CompiledSchema, MissingInclude, SchemaError, Unresolved};
use std::io::Read;
use std::sync::Arc;

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The main document cannot be had.
    #[error("the schema document `{location}` cannot be read")]
    Main {
        /// Where it should be.
        location: String,
        /// Why it is not there.
        #[source]
        source: DocumentError,
    },
    /// The documents are there and wrong.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// Compiles the schema that begins with a document, by its location in the set.
pub fn load(documents: &Documents, location: &str) -> Result<Arc<CompiledSchema>, LoadError> {
    gather(documents, location, |_, _| {})
}

/// The same, but a document that is included and cannot be had is passed over, and a name that refers to
/// nothing counts where it is used as far as the Recommendation lets it; both are listed as not checked.
pub fn load_lenient(documents: &Documents, location: &str) -> Result<Arc<CompiledSchema>, LoadError> {
    let mut assembler = Assembler::new();
    assembler.set_missing_include(MissingInclude::NotChecked);
    assembler.set_unresolved(Unresolved::OnUse);
    assemble(assembler, documents, location, |_, _| {})
}

/// The same, and shows every document on its way.
pub(crate) fn gather(
    documents: &Documents,
    location: &str,
    seen: impl FnMut(&str, Vec<u8>),
) -> Result<Arc<CompiledSchema>, LoadError> {
    assemble(Assembler::new(), documents, location, seen)
}

/// The same for a document that comes from elsewhere and stands at `location`; its bytes are left in `given`.
pub fn load_from(
    documents: &Documents,
    location: &str,
    input: impl Read,
    given: &mut Vec<u8>,
) -> Result<Arc<CompiledSchema>, LoadError> {
    *given = read_capped(location, input)
        .map_err(|source| LoadError::Main { location: location.to_owned(), source })?;
    assemble_from(Assembler::new(), documents, location, given.clone(), |_, _| {})
}

fn assemble(
    assembler: Assembler,
    documents: &Documents,
    location: &str,
    seen: impl FnMut(&str, Vec<u8>),
) -> Result<Arc<CompiledSchema>, LoadError> {
    let fetched = documents.fetch(location);
    let main = fetched.map_err(|source| LoadError::Main { location: location.to_owned(), source })?;
    assemble_from(assembler, documents, location, main, seen)
}

fn assemble_from(
    mut assembler: Assembler,
    documents: &Documents,
    location: &str,
    main: Vec<u8>,
    mut seen: impl FnMut(&str, Vec<u8>),
) -> Result<Arc<CompiledSchema>, LoadError> {
    assembler.set_limits(documents.limits());
    assembler.add(location, &main);
    seen(location, main);
    while let Some(request) = assembler.missing() {
        match documents.fetch(&request.location) {
            Ok(bytes) => {
                assembler.add(&request.location, &bytes);
                seen(&request.location, bytes);
            }
            Err(error) => assembler.unavailable(&request, &error.to_string()),
        }
    }
    Ok(assembler.finish()?)
}
