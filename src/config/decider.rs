//! The name under which somebody decides.

use super::value::{Refusal, SettingValue};

/// Characters of the name of somebody who decides.
pub const DECIDER_CHARS_MAX: usize = 100;

/// The name of somebody who decides, as it is said: nobody checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decider(String);

/// Why a text cannot be such a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum DeciderError {
    #[error("the name is empty")]
    Empty,
    #[error("the name has {0} characters: at most {DECIDER_CHARS_MAX} are kept")]
    Long(usize),
    #[error("the name has a control character: leave it out")]
    Control,
}

impl Decider {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SettingValue for Decider {
    const NOUN: &'static str = "name";

    fn read(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(DeciderError::Empty.into()),
            long if long > DECIDER_CHARS_MAX => Err(DeciderError::Long(long).into()),
            _ if text.chars().any(char::is_control) => Err(DeciderError::Control.into()),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Result<&str, DeciderError>) {
        let read = Decider::read(text).map(|decider| decider.0).map_err(|refusal| refusal.to_string());
        assert_eq!(read, expected.map(str::to_owned).map_err(|error| error.to_string()), "{text}");
    }

    #[test]
    fn names() {
        case(" Anna Müller <a.mueller@example> ", Ok("Anna Müller <a.mueller@example>"));
        case(" ", Err(DeciderError::Empty));
        case("a\nb", Err(DeciderError::Control));
        for letter in ["a", "ü", "🎼"] {
            let most = letter.repeat(DECIDER_CHARS_MAX);
            case(&most, Ok(&most));
            let long = DECIDER_CHARS_MAX + 1;
            case(&letter.repeat(long), Err(DeciderError::Long(long)));
        }
    }
}
