//! Who decides on the command line, as that is written down.

use super::context::Context;
use crate::config::{DECIDER_CHARS_MAX, Decider, ProcessFacts};
use crate::report::escape::{clean, cut};
use crate::store::Decision;
use clap::Args;

/// Whoever decides, as said with the command.
#[derive(Debug, Args)]
pub(super) struct DeciderArgs {
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// A decision of whoever uses the program, for this reason.
pub(super) fn decided(
    context: &Context,
    decider: &DeciderArgs,
    reason: Option<&str>,
) -> anyhow::Result<Decision> {
    let said = context.with_flag("by", decider.by.as_ref())?.by;
    let named = said.as_ref().map(Decider::as_str).or(context.environment().user());
    let who = named.map_or_else(|| who(&ProcessFacts::account()), who);
    Ok(Decision::new(&who, reason)?)
}

/// `cli:NAME`, for whatever name.
fn who(name: &str) -> String {
    format!("cli:{}", cut(&clean(name), DECIDER_CHARS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_fits() {
        assert_eq!(who("shop"), "cli:shop");
        let most = "a".repeat(DECIDER_CHARS_MAX);
        assert_eq!(who(&most), format!("cli:{most}"));
        let cut = who(&"a".repeat(DECIDER_CHARS_MAX + 1));
        assert!(cut.ends_with("a…") && cut.chars().count() == "cli:".len() + DECIDER_CHARS_MAX, "{cut}");
        assert!(Decision::new(&who(&"\u{1b}".repeat(5_000)), None).is_ok());
    }
}
