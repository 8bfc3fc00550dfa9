//! Codes of findings that were kept as text, as the program names them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Codes that are remembered; there are some hundreds.
const CODES_MAX: usize = 4_000;
/// Bytes of one of them.
const CODE_BYTES_MAX: usize = 200;

static CODES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The code, for as long as the program runs; nothing when it is none, or there are too many.
pub(super) fn interned(code: &str) -> Option<&'static str> {
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    intern(&mut codes, code)
}

fn intern(codes: &mut BTreeSet<&'static str>, code: &str) -> Option<&'static str> {
    if let Some(known) = codes.get(code) {
        return Some(known);
    }
    if codes.len() == CODES_MAX || code.len() > CODE_BYTES_MAX {
        return None;
    }
    // Once for each code there is: like the codes of the program itself, it stays.
    let kept: &'static str = code.to_owned().leak();
    codes.insert(kept);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_max() {
        let mut codes = BTreeSet::new();
        let all: Vec<String> = (0..CODES_MAX).map(|number| format!("code.{number}")).collect();
        assert!(all.iter().all(|code| intern(&mut codes, code) == Some(code)));
        assert_eq!(intern(&mut codes, "code.more"), None);
        assert_eq!(intern(&mut codes, "code.0"), Some("code.0"), "one that is known");
    }

    #[test]
    fn code_bytes_max() {
        let mut codes = BTreeSet::new();
        assert!(intern(&mut codes, &"c".repeat(CODE_BYTES_MAX)).is_some());
        assert!(intern(&mut codes, &"c".repeat(CODE_BYTES_MAX + 1)).is_none());
    }
}
