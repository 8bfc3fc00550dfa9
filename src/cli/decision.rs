//! Who decides on the command line, as that is written down.

use super::context::Context;
use crate::report::escape::{clean, cut};
use crate::store::Decision;

/// Characters of a user's name that are written down.
const USER_CHARS_MAX: usize = 100;

/// A decision of whoever uses the program, for this reason.
pub(super) fn decided(context: &Context, reason: Option<&str>) -> anyhow::Result<Decision> {
    Ok(Decision::new(&who(context.environment().user()), reason)?)
}

/// `cli:USER`, or `cli` where the environment names nobody.
fn who(user: Option<&str>) -> String {
    user.map_or_else(|| "cli".to_owned(), |user| format!("cli:{}", cut(&clean(user), USER_CHARS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_user_fits() {
        assert_eq!(who(None), "cli");
        assert_eq!(who(Some("shop")), "cli:shop");
        let most = "a".repeat(USER_CHARS_MAX);
        assert_eq!(who(Some(&most)), format!("cli:{most}"));
        let cut = who(Some(&"a".repeat(USER_CHARS_MAX + 1)));
        assert!(cut.ends_with("a…") && cut.chars().count() == "cli:".len() + USER_CHARS_MAX, "{cut}");
        assert!(Decision::new(&who(Some(&"\u{1b}".repeat(5_000))), None).is_ok());
    }
}
