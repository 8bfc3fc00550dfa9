//! Characters of names: XML 1.0, fifth edition, productions 4 and 4a.
//!
//! Part 2 refers to the second edition, which allows fewer letters. We read documents of the fifth,
//! and `NCName` must be able to hold the name of any element in them; the conformance suite agrees.

/// Characters a name may begin with, as inclusive ranges in order; `:` and `_` are among them.
pub(crate) const STARTS: &[(u32, u32)] = &[
    (0x3A, 0x3A),
    (0x41, 0x5A),
    (0x5F, 0x5F),
    (0x61, 0x7A),
    (0xC0, 0xD6),
    (0xD8, 0xF6),
    (0xF8, 0x2FF),
    (0x370, 0x37D),
    (0x37F, 0x1FFF),
    (0x200C, 0x200D),
    (0x2070, 0x218F),
    (0x2C00, 0x2FEF),
    (0x3001, 0xD7FF),
    (0xF900, 0xFDCF),
    (0xFDF0, 0xFFFD),
    (0x1_0000, 0xE_FFFF),
];

/// Characters a name may also contain, as inclusive ranges in order.
pub(crate) const OTHERS: &[(u32, u32)] =
    &[(0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040)];

/// Whether a `Name` may begin with the character.
#[inline]
pub(crate) fn is_name_start(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '_' | ':' => true,
        '\0'..='\x7F' => false,
        _ => contains(STARTS, character),
    }
}

/// Whether a `Name` may contain the character.
#[inline]
pub(crate) fn is_name_char(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | ':' | '-' | '.' => true,
        '\0'..='\x7F' => false,
        _ => contains(STARTS, character) || contains(OTHERS, character),
    }
}

fn contains(ranges: &[(u32, u32)], character: char) -> bool {
    let code = u32::from(character);
    let after = ranges.partition_point(|&(start, _)| start <= code);
    after > 0 && code <= ranges[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(character: char, starts: bool, continues: bool) {
        assert_eq!((is_name_start(character), is_name_char(character)), (starts, continues), "{character:?}");
    }

    #[test]
    fn names_follow_the_fifth_edition() {
        case('a', true, true);
        case(':', true, true);
        case('-', false, true);
        case('7', false, true);
        case('$', false, false);
        case('é', true, true);
        case('×', false, false);
        case('·', false, true);
        case('あ', true, true);
        case('\u{0346}', false, true);
        case('\u{0370}', true, true);
        case('\u{037E}', false, false);
        case('\u{2040}', false, true);
        case('\u{200B}', false, false);
        case('\u{10000}', true, true);
        case('\u{F0000}', false, false);
    }

    #[test]
    fn the_fast_way_agrees_with_the_tables() {
        for character in (0..0x300).filter_map(char::from_u32) {
            let starts = contains(STARTS, character);
            case(character, starts, starts || contains(OTHERS, character));
        }
    }

    #[test]
    fn tables_are_in_order() {
        for table in [STARTS, OTHERS] {
            assert!(table.iter().all(|(start, end)| start <= end));
            assert!(table.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }
}
