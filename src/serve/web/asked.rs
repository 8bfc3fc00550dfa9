//! What addresses and forms of the page say, read with a problem for what is not right.

use crate::serve::problem::Problem;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

/// Characters of an address of ours that a form may come back to.
const ADDRESS_CHARS_MAX: usize = 2_000;

/// A word of a list of choices; an empty one is none, as a form sends it.
pub(super) fn choice<T: DeserializeOwned>(name: &'static str, said: &str) -> Result<Option<T>, Problem> {
    if said.is_empty() {
        return Ok(None);
    }
    let words: StrDeserializer<'_, Error> = said.into_deserializer();
    let wrong = |_| Problem::parameter(name, format!("`{said}` is no choice of `{name}`"));
    T::deserialize(words).map(Some).map_err(wrong)
}

/// A text; an empty one is none, as a form sends it.
pub(super) fn filled(said: &str) -> Option<String> {
    let said = said.trim();
    (!said.is_empty()).then(|| said.to_owned())
}

/// The address where somebody wants to go, if it is one of ours, else the first page: nobody is sent elsewhere.
pub(super) fn local(said: &str) -> &str {
    let rest = said.strip_prefix('/');
    let is_path = rest.is_some_and(|rest| !rest.starts_with(['/', '\\']));
    let is_plain = said.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain && said.len() <= ADDRESS_CHARS_MAX { said } else { "/" }
}

/// A text as a value behind the question mark.
pub(super) fn escaped(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => write!(escaped, "%{byte:02X}").expect("writes to memory"),
        }
        escaped
    })
}

/// An address with what is asked for behind it; what is empty is left out.
pub(super) fn address(path: &str, asked: &[(&str, &str)]) -> String {
    let said = asked.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = said.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::StateWord;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for ours in ["/", "/runs/7", "/?state=failed&source=A%20B", "/runs/7/findings?path=a/b"] {
            assert_eq!(local(ours), ours);
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "runs",
            "/a\\b",
            "/\t/evil.example",
            "/ü",
        ] {
            assert_eq!(local(other), "/", "{other}");
        }
    }

    #[test]
    fn address_chars_max() {
        let of = |length: usize| format!("/{}", "a".repeat(length - 1));
        assert_eq!(local(&of(ADDRESS_CHARS_MAX)).len(), ADDRESS_CHARS_MAX);
        assert_eq!(local(&of(ADDRESS_CHARS_MAX + 1)), "/");
    }

    #[test]
    fn what_is_left_empty_is_not_asked_for() {
        assert_eq!(choice::<StateWord>("state", "").ok().flatten(), None);
        assert_eq!(choice("state", "failed").ok().flatten(), Some(StateWord::Failed));
        assert!(choice::<StateWord>("state", "later").is_err());
        assert_eq!((filled(" "), filled(" a ")), (None, Some("a".to_owned())));
    }

    #[test]
    fn an_address_escapes_what_it_asks_for() {
        let asked = [("state", ""), ("source", "GLN 40&x=ü")];
        assert_eq!(address("/", &asked), "/?source=GLN%2040%26x%3D%C3%BC");
        assert_eq!(address("/", &[("state", "")]), "/");
    }
}
