//! What the schema has said of a record, so that a rule does not say the same once more.

use crate::judgement::{Finding, Severity};
use crate::map::MappingFault;
use std::collections::HashMap;

/// Elements of one record of which it is remembered what was said. Beyond, a fault may be counted twice: once as the
/// schema sees it, once as a rule does.
pub(super) const SAID_MAX: usize = 10_000;

/// Where something was said, and how grave it was at most; of findings that are only counted, too.
#[derive(Debug, Default)]
pub(super) struct Said {
    places: HashMap<String, Severity>,
    /// Elements with a fault in the order of their children.
    orders: HashMap<String, Severity>,
}

impl Said {
    /// Remembers what was said.
    pub(super) fn note(&mut self, finding: &Finding) {
        note(&mut self.places, &finding.path, finding.severity);
        if finding.code.starts_with("cvc-complex-type.2.4.") {
            let parent = finding.path.rsplit_once('/').map_or("", |(parent, _)| parent);
            note(&mut self.orders, parent, finding.severity);
        }
    }

    /// Whether it was said, at least as severely, what a rule would say now: about the same element, or, where the rule
    /// misses something, about an order of children in which it is missed.
    pub(super) fn knows(&self, fault: &MappingFault) -> bool {
        let misses = fault.found.is_empty();
        let is_said = |places: &HashMap<String, Severity>| {
            places.get(fault.path.as_str()).is_some_and(|said| *said >= Severity::from(fault.level))
        };
        is_said(&self.places) || (misses && is_said(&self.orders))
    }
}

fn note(places: &mut HashMap<String, Severity>, path: &str, severity: Severity) {
    if let Some(said) = places.get_mut(path) {
        *said = severity.max(*said);
    } else if places.len() < SAID_MAX {
        places.insert(path.to_owned(), severity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn said_max() {
        let mut places = HashMap::new();
        for number in 0..=SAID_MAX {
            note(&mut places, &number.to_string(), Severity::Warning);
        }
        assert_eq!(places.len(), SAID_MAX);
        assert!(
            places.contains_key(&(SAID_MAX - 1).to_string()) && !places.contains_key(&SAID_MAX.to_string())
        );
        note(&mut places, "0", Severity::Error);
        note(&mut places, "0", Severity::Notice);
        assert_eq!(places.get("0"), Some(&Severity::Error));
    }
}
