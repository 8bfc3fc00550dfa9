//! Who decided something, in words.

use super::language::Language;

/// Somebody as it is written down (`token:maria`, `cli:root`, `anonymous`): by their name.
pub(super) fn who(language: Language, said: &str) -> String {
    match said.split_once(':') {
        Some(("token", name)) => name.to_owned(),
        Some(("cli", name)) => format!("{name} ({})", language.pick("command line", "Kommandozeile")),
        _ if said == "anonymous" => language.pick("not signed in", "nicht angemeldet").to_owned(),
        _ => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_told_by_their_name() {
        let of = |said| who(Language::German, said);
        assert_eq!(of("token:maria"), "maria");
        assert_eq!(of("cli:root"), "root (Kommandozeile)");
        assert_eq!(of("anonymous"), "nicht angemeldet");
        assert_eq!(of("other:x"), "other:x");
    }
}
