//! What becomes of a case: a limit that is named, a refusal, or a verdict.

use super::Case;
use feedgate::xml::{Cursor, Limits, XmlError};
use feedgate::xsd::{Assembler, CompiledSchema, DeviationBuffer, SchemaError, SchemaFault, Validator};
use std::sync::Arc;

/// What becomes of a case, in a word and a sentence.
pub(super) fn verdict(case: &Case) -> String {
    match compile(&(case.documents)()) {
        Err(error) => {
            let named = |fault: &SchemaFault| {
                let by_code = fault.rule.code().strip_prefix("limit.");
                by_code.or_else(|| limit_in(&fault.sentence)).map(str::to_owned)
            };
            let limit = error.faults.iter().find_map(named);
            let code = error.faults[0].rule.code();
            let kind = limit.map_or_else(|| format!("refused {code}"), |name| format!("limit {name}"));
            let first: String = error.faults[0].to_string().chars().take(200).collect();
            format!("{kind}: {} faults, {first}", error.faults.len())
        }
        Ok(schema) => case.instance.map_or_else(
            || format!("accepted {:?}", schema.size()),
            |instance| validate(&schema, &instance()),
        ),
    }
}

/// The limit that a sentence names.
fn limit_in(sentence: &str) -> Option<&str> {
    let (_, rest) = sentence.split_once("limit `")?;
    rest.split_once('`').map(|(name, _)| name)
}

fn compile(documents: &[String]) -> Result<Arc<CompiledSchema>, SchemaError> {
    let mut assembler = Assembler::new();
    assembler.add("0.xsd", documents[0].as_bytes());
    while let Some(request) = assembler.missing() {
        let number = request.location.trim_end_matches(".xsd").parse::<usize>();
        match number.ok().and_then(|number| documents.get(number)) {
            Some(document) => assembler.add(&request.location, document.as_bytes()),
            None => assembler.unavailable(&request, "there is no such document"),
        }
    }
    assembler.finish()
}

fn validate(schema: &Arc<CompiledSchema>, instance: &str) -> String {
    let mut cursor = Cursor::new(instance.as_bytes(), Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let mut validator = Validator::new(Arc::clone(schema));
    let mut found = DeviationBuffer::with_limit(1_000);
    let (mut count, mut first, mut limit) = (0_u64, String::new(), None);
    let mut take = |found: &mut DeviationBuffer| {
        for each in found.drain() {
            count += 1;
            limit = limit.take().or_else(|| limit_in(&each.sentence).map(str::to_owned));
            if first.is_empty() {
                first = each.to_string().chars().take(200).collect();
            }
        }
    };
    let end = cursor.for_each_event(|event| {
        validator.event(&event, &mut found);
        take(&mut found);
        Ok::<(), XmlError>(())
    });
    validator.finish(&mut found);
    take(&mut found);
    match (end, limit) {
        (Err(error), _) => match limit_in(&error.to_string()) {
            Some(name) => format!("limit {name}"),
            None => format!("not well-formed: {error}"),
        },
        (Ok(()), Some(name)) => format!("limit {name}: {count} deviations, {first}"),
        (Ok(()), None) if count == 0 => "valid".to_owned(),
        (Ok(()), None) => format!("invalid: {count} deviations, {first}"),
    }
}
