//! Character references and the five predefined entities.

use super::character::{is_char, is_ncname};
use super::error::{XmlErrorKind, quoted};

/// The character that the reference `&name;` stands for.
pub(super) fn resolve(name: &str) -> Result<char, XmlErrorKind> {
    Ok(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "quot" => '"',
        _ => return numbered(name),
    })
}

fn numbered(name: &str) -> Result<char, XmlErrorKind> {
    let Some(number) = name.strip_prefix('#') else {
        return Err(if is_ncname(name) {
            XmlErrorKind::UnknownEntity { name: quoted(name) }
        } else {
            XmlErrorKind::Ampersand
        });
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // A sign would be accepted by the parser of numbers.
    let code = digits.starts_with(|first: char| first.is_ascii_hexdigit());
    let code = code.then(|| u32::from_str_radix(digits, radix).ok()).flatten();
    code.and_then(char::from_u32)
        .filter(|&c| is_char(c))
        .ok_or_else(|| XmlErrorKind::CharacterReference { reference: quoted(name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(name: &str, expected: Result<char, &str>) {
        assert_eq!(resolve(name).map_err(|kind| kind.code()), expected, "{name}");
    }

    #[test]
    fn references_stand_for_one_character() {
        case("amp", Ok('&'));
        case("lt", Ok('<'));
        case("gt", Ok('>'));
        case("apos", Ok('\''));
        case("quot", Ok('"'));
        case("#65", Ok('A'));
        case("#x20AC", Ok('€'));
        case("#x1f600", Ok('😀'));
        case("#10", Ok('\n'));
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        case("nbsp", Err("xml.unknown-entity"));
        case("AMP", Err("xml.unknown-entity"));
        case("", Err("xml.ampersand"));
        case(" amp", Err("xml.ampersand"));
        case("#", Err("xml.character-reference"));
        case("#x", Err("xml.character-reference"));
        case("#X41", Err("xml.character-reference"));
        case("#+65", Err("xml.character-reference"));
        case("#12a", Err("xml.character-reference"));
        case("#0", Err("xml.character-reference"));
        case("#8", Err("xml.character-reference"));
        case("#xD800", Err("xml.character-reference"));
        case("#xFFFE", Err("xml.character-reference"));
        case("#x110000", Err("xml.character-reference"));
        case("#99999999999999999999", Err("xml.character-reference"));
    }
}
