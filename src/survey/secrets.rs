//! Passwords, from where the inventory says they are.

use super::Variables;
use super::files::{Capped, read_capped};
use crate::expiry::limits::PASSWORD_BYTES_MAX;
use crate::expiry::{Password, PasswordSource, Reason, State, Trouble};
use std::path::Path;

/// Fetches a password. What is wrong is told by the name of its place.
pub(super) fn password(
    source: &PasswordSource,
    folder: &Path,
    variables: Variables<'_>,
) -> Result<Password, Trouble> {
    let trouble = |sentence: String| Trouble::new(State::WrongPassword, Reason::Password, sentence);
    match source {
        PasswordSource::Variable(name) => variables(name).map(|text| Password::new(&text)).ok_or_else(|| {
            trouble(format!(
                "the variable `{name}` with its password is not set, or empty: set it, or name another"
            ))
        }),
        PasswordSource::File(path) => {
            let whole = match read_capped(&folder.join(path), PASSWORD_BYTES_MAX) {
                Ok(Capped::Whole(bytes, _)) => String::from_utf8(bytes).ok(),
                Ok(Capped::TooLong) => None,
                Err(error) => return Err(trouble(format!("cannot read the password in `{path}`: {error}"))),
            };
            let no_password = || {
                trouble(format!("`{path}` holds no password: at most {PASSWORD_BYTES_MAX} bytes of UTF-8"))
            };
            whole.map(|text| Password::new(&text)).ok_or_else(no_password)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_file(bytes: &[u8]) -> Result<Password, Trouble> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("p"), bytes).expect("written");
        password(&PasswordSource::File("p".to_owned()), folder.path(), &|_| None)
    }

    #[test]
    fn a_password_stands_in_a_file_or_a_variable() {
        assert_eq!(of_file(b"secret\n").expect("a password"), Password::new("secret"));
        let of = |name: &str| {
            let source = PasswordSource::Variable(name.to_owned());
            password(&source, Path::new(""), &|asked| (asked == "SET").then(|| "secret".to_owned()))
        };
        assert_eq!(of("SET").expect("a password"), Password::new("secret"));
        let trouble = of("UNSET").expect_err("it is not set");
        assert_eq!(trouble.state, State::WrongPassword);
        assert!(trouble.sentence.contains("`UNSET`"), "{}", trouble.sentence);
    }

    #[test]
    fn password_bytes_max() {
        let most = usize::try_from(PASSWORD_BYTES_MAX).expect("small");
        assert!(of_file(&vec![b'x'; most]).is_ok());
        let trouble = of_file(&vec![b'x'; most + 1]).expect_err("too long");
        assert!(
            !trouble.sentence.contains("xx") && trouble.sentence.contains("4096"),
            "{}",
            trouble.sentence
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_place() {
        let source = PasswordSource::File("none".to_owned());
        let trouble = password(&source, Path::new("/nowhere"), &|_| None).expect_err("it is not there");
        assert!(trouble.sentence.contains("`none`"), "{}", trouble.sentence);
    }
}
