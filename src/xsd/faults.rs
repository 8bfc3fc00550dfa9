//! Faults of a schema while they are found: told once, in order, up to a limit.

use super::fault::{SchemaError, SchemaFault};

/// Most faults of one schema that are told; further ones are counted.
pub const FAULTS_MAX: usize = 10_000;

/// Longest sentence of a fault, in bytes: it may quote names and values of any length.
pub const SENTENCE_BYTES_MAX: usize = 4_096;

fn cut(sentence: &mut String) {
    if sentence.len() > SENTENCE_BYTES_MAX {
        sentence.truncate(sentence.floor_char_boundary(SENTENCE_BYTES_MAX));
        sentence.push('…');
    }
}

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    told: Vec<SchemaFault>,
    more: usize,
}

impl Faults {
    pub(crate) fn push(&mut self, mut fault: SchemaFault) {
        cut(&mut fault.sentence);
        if self.told.len() < FAULTS_MAX {
            self.told.push(fault);
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// How many were found.
    pub(crate) fn count(&self) -> usize {
        self.told.len() + self.more
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SchemaFault> {
        self.told.iter()
    }

    /// Those told since `before` were found.
    pub(crate) fn since(&mut self, before: usize) -> &mut [SchemaFault] {
        let kept = self.told.len();
        &mut self.told[before.min(kept)..]
    }

    /// By document and place, each once; `None` when there are none.
    pub(crate) fn into_error(mut self) -> Option<SchemaError> {
        if self.is_empty() {
            return None;
        }
        let key = |fault: &SchemaFault| (fault.place, fault.rule);
        self.told.sort_by(|a, b| {
            a.document
                .cmp(&b.document)
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| a.sentence.cmp(&b.sentence))
        });
        self.told.dedup();
        Some(SchemaError { faults: self.told, more: self.more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Place;
    use crate::xsd::fault::Rule;

    fn fault(document: &str, line: u64) -> SchemaFault {
        let place = Place { line, ..Place::default() };
        SchemaFault { document: document.into(), place, rule: Rule::TypeUnresolved, sentence: String::new() }
    }

    #[test]
    fn faults_come_by_document_and_place_and_once() {
        let mut faults = Faults::default();
        for (document, line) in [("b", 1), ("a", 2), ("a", 1), ("a", 2)] {
            faults.push(fault(document, line));
        }
        let error = faults.into_error().expect("there are faults");
        let order: Vec<_> = error.faults.iter().map(|each| (&*each.document, each.place.line)).collect();
        assert_eq!(order, [("a", 1), ("a", 2), ("b", 1)]);
        assert!(Faults::default().into_error().is_none());
    }

    #[test]
    fn a_sentence_has_a_longest_length() {
        let told = |bytes: usize| {
            let mut faults = Faults::default();
            faults.push(SchemaFault { sentence: "ä".repeat(bytes / 2), ..fault("a", 1) });
            faults.iter().next().expect("there is one").sentence.clone()
        };
        assert_eq!(told(SENTENCE_BYTES_MAX), "ä".repeat(SENTENCE_BYTES_MAX / 2));
        assert_eq!(told(SENTENCE_BYTES_MAX + 2), "ä".repeat(SENTENCE_BYTES_MAX / 2) + "…");
    }

    #[test]
    fn faults_are_told_up_to_the_limit_and_counted_beyond() {
        let told = |count: u64| {
            let mut faults = Faults::default();
            (1..=count).for_each(|line| faults.push(fault("a", line)));
            let error = faults.into_error().expect("there are faults");
            (error.faults.len(), error.more)
        };
        assert_eq!(told(FAULTS_MAX as u64), (FAULTS_MAX, 0));
        assert_eq!(told(FAULTS_MAX as u64 + 1), (FAULTS_MAX, 1));
    }
}
