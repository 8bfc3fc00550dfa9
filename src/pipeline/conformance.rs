//! One case of a conformance suite: a schema document, perhaps an instance, a verdict.
//!
//! The suites' documents are no feeds. Here, and nowhere else, an `include` that cannot be had is
//! passed over, as `src-include` has it, and a start tag may carry attributes by the thousand. What
//! cannot be judged (a document that cannot be read, a limit of this program) is an
//! [`Error`](CaseVerdict::Error) and never *valid* or *invalid*.

use crate::source::{Documents, LoadError, load_lenient};
use crate::xml::{Cursor, Limits, XmlError, XmlErrorCategory};
use crate::xsd::{CompiledSchema, Deviation, DeviationBuffer, SchemaError, Validator};
use std::io::Read;
use std::sync::Arc;

/// Attributes of one start tag; the suite has tags with more than a feed ever had.
const ATTRIBUTES_MAX: usize = 4_096;
/// Deviations of one instance that are looked at: the first decides and is told.
const DEVIATIONS_MAX: usize = 16;

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseVerdict {
    /// Schema or instance are in order.
    Valid,
    /// The schema of a schema case, or the instance of an instance case, is not.
    Invalid,
    /// An instance cannot be judged because its schema is refused.
    InvalidSchema,
    /// Nobody knows: a document cannot be read, or a limit of this program is reached.
    Error,
}

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseAnswer {
    /// The verdict.
    pub verdict: CaseVerdict,
    /// The first message; empty when there is nothing to say. A valid document has one when its schema
    /// is not checked as a whole.
    pub detail: String,
}

impl CaseAnswer {
    /// Nobody knows, for this reason.
    #[must_use]
    pub fn error(why: impl Into<String>) -> Self {
        Self { verdict: CaseVerdict::Error, detail: why.into() }
    }

    fn invalid(why: impl Into<String>) -> Self {
        Self { verdict: CaseVerdict::Invalid, detail: why.into() }
    }
}

/// The schema of one or more cases, compiled or refused.
#[derive(Clone, Debug)]
pub struct CaseSchema(Result<Arc<CompiledSchema>, CaseAnswer>);

impl CaseSchema {
    /// Compiles the schema that begins with the document at `location`.
    #[must_use]
    pub fn load(documents: &Documents, location: &str) -> Self {
        Self(load_lenient(documents, location).map_err(|error| refusal(&error)))
    }

    /// The answer to a case that asks about the schema alone.
    #[must_use]
    pub fn answer(&self) -> CaseAnswer {
        self.0.as_ref().map_or_else(Clone::clone, |schema| valid(schema))
    }

    /// The answer to a case that asks about an instance.
    #[must_use]
    pub fn judge(&self, instance: impl Read) -> CaseAnswer {
        match &self.0 {
            Ok(schema) => validate(schema, instance),
            Err(CaseAnswer { verdict: CaseVerdict::Error, detail }) => CaseAnswer::error(detail.clone()),
            Err(refused) => {
                CaseAnswer { verdict: CaseVerdict::InvalidSchema, detail: refused.detail.clone() }
            }
        }
    }
}

fn valid(schema: &CompiledSchema) -> CaseAnswer {
    let not_checked = schema.not_checked();
    let detail = not_checked.first().map(|first| format!("not checked: {first}")).unwrap_or_default();
    CaseAnswer { verdict: CaseVerdict::Valid, detail }
}

fn refusal(error: &LoadError) -> CaseAnswer {
    match error {
        LoadError::Main { source, .. } => CaseAnswer::error(format!("{error}: {source}")),
        LoadError::Schema(SchemaError { faults, .. }) => {
            // A fault that is none of the schema's stands for itself only where there is no other.
            match faults.iter().find(|fault| !is_limit(fault.rule.code())) {
                Some(fault) => CaseAnswer::invalid(fault.to_string()),
                None => CaseAnswer::error(error.to_string()),
            }
        }
    }
}

/// Whether a code is that of a limit of this program, not of a clause.
fn is_limit(code: &str) -> bool {
    code.starts_with("limit")
}

fn validate(schema: &Arc<CompiledSchema>, instance: impl Read) -> CaseAnswer {
    let mut found = DeviationBuffer::with_limit(DEVIATIONS_MAX);
    match read(schema, instance, &mut found) {
        Ok(()) => {}
        Err(error) if matches!(error.category(), XmlErrorCategory::Io | XmlErrorCategory::Limit) => {
            return CaseAnswer::error(format!("{}: {error} [{}]", error.place, error.code()));
        }
        Err(error) => return CaseAnswer::invalid(format!("{}: {error} [{}]", error.place, error.code())),
    }
    let found: Vec<Deviation> = found.drain().collect();
    match (found.iter().find(|each| !is_limit(each.clause.code())), found.first()) {
        (Some(deviation), _) => CaseAnswer::invalid(deviation.to_string()),
        (None, Some(limit)) => CaseAnswer::error(limit.to_string()),
        (None, None) => valid(schema),
    }
}

fn read(
    schema: &Arc<CompiledSchema>,
    instance: impl Read,
    found: &mut DeviationBuffer,
) -> Result<(), XmlError> {
    let limits = Limits { attributes_max: ATTRIBUTES_MAX, ..Limits::default() };
    let mut cursor = Cursor::new(instance, limits);
    cursor.set_names(Arc::clone(schema.names()));
    let mut validator = Validator::new(Arc::clone(schema));
    while let Some(mut block) = cursor.block()? {
        while let Some(event) = block.next()? {
            validator.event(&event, found);
        }
    }
    validator.finish(found);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>
        <xs:include schemaLocation='nowhere.xsd'/><xs:element name='n' type='xs:int'/></xs:schema>";

    #[track_caller]
    fn case(schema: &str, instance: Option<&str>, verdict: CaseVerdict, detail: &str) {
        let documents = BTreeMap::from([("a.xsd".to_owned(), schema.as_bytes().to_vec())]);
        let schema = CaseSchema::load(&Documents::memory(documents), "a.xsd");
        let answer = instance.map_or_else(|| schema.answer(), |instance| schema.judge(instance.as_bytes()));
        assert_eq!(answer.verdict, verdict, "{answer:?}");
        assert!(answer.detail.contains(detail), "{answer:?}");
    }

    #[test]
    fn a_schema_is_valid_or_not_and_says_what_is_not_checked() {
        case(SCHEMA, None, CaseVerdict::Valid, "not checked: the schema document `nowhere.xsd`");
        case(&SCHEMA.replace("xs:int", "xs:itn"), None, CaseVerdict::Invalid, "a.xsd:2:");
        case("<xs:schema", None, CaseVerdict::Invalid, "a.xsd:1:1");
    }

    #[test]
    fn an_instance_is_valid_or_not_or_has_no_schema() {
        case(SCHEMA, Some("<n>1</n>"), CaseVerdict::Valid, "not checked");
        case(SCHEMA, Some("<n>x</n>"), CaseVerdict::Invalid, "cvc-datatype-valid");
        case(SCHEMA, Some("<n>1<n>"), CaseVerdict::Invalid, "1:");
        case("<a/>", Some("<n>1</n>"), CaseVerdict::InvalidSchema, "a.xsd:1:1");
    }

    #[test]
    fn what_cannot_be_judged_is_an_error() {
        let nothing = CaseSchema::load(&Documents::memory(BTreeMap::new()), "a.xsd");
        assert_eq!(nothing.answer().verdict, CaseVerdict::Error);
        assert_eq!(nothing.judge("<n/>".as_bytes()).verdict, CaseVerdict::Error);
        let deep = "<n>".repeat(Limits::default().depth_max + 1);
        case(SCHEMA, Some(&deep), CaseVerdict::Error, "depth_max");
    }

    #[test]
    fn attributes_max() {
        let tag = |count: usize| {
            let attributes: Vec<String> = (0..count).map(|each| format!("a{each}=''")).collect();
            format!("<n {}>1</n>", attributes.join(" "))
        };
        case(SCHEMA, Some(&tag(ATTRIBUTES_MAX)), CaseVerdict::Invalid, "takes no attributes; found `a0`");
        case(SCHEMA, Some(&tag(ATTRIBUTES_MAX + 1)), CaseVerdict::Error, "attributes_max");
    }
}
