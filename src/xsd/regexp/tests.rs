//! One table: what an expression matches, what it does not, and what is no expression.

use super::*;

#[track_caller]
fn case(pattern: &str, matched: &[&str], unmatched: &[&str]) {
    let expression = Expression::new([pattern]).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    for text in matched {
        assert!(expression.matches(text), "{pattern} should match {text:?}");
    }
    for text in unmatched {
        assert!(!expression.matches(text), "{pattern} should not match {text:?}");
    }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "reads better in the table")]
fn refused(pattern: &str, expected: SyntaxFault) {
    match Expression::new([pattern]) {
        Err(PatternError::Syntax { what, .. }) => assert_eq!(what, expected, "{pattern}"),
        other => panic!("{pattern}: {other:?}"),
    }
}

#[test]
fn the_whole_literal_must_match() {
    case("a|ab", &["a", "ab"], &["", "abc", "ba"]);
    case("", &[""], &["a"]);
    case("a||b", &["a", "", "b"], &["ab"]);
    case("()", &[""], &["()"]);
}

#[test]
fn anchors_are_ordinary_characters() {
    case("^a$", &["^a$"], &["a"]);
    case("a/b&c<d>", &["a/b&c<d>"], &[]);
}

#[test]
fn the_wildcard_excludes_line_ends() {
    case("a.c", &["abc", "a.c", "a\u{85}c", "a𝄞c"], &["a\nc", "a\rc", "ac"]);
}

#[test]
fn quantifiers() {
    case("a?b*c+", &["c", "abbcc"], &["aac", "ab"]);
    case("a{2}", &["aa"], &["a", "aaa"]);
    case("a{2,}", &["aa", "aaaa"], &["a"]);
    case("a{1,2}", &["a", "aa"], &["", "aaa"]);
    case("a{0}", &[""], &["a"]);
    case("(ab){0,2}c", &["c", "ababc"], &["abababc"]);
    case("(a*)*", &["", "aaa"], &["b"]);
    refused("a{,2}", SyntaxFault::QuantityMalformed);
    refused("a{2,1}", SyntaxFault::QuantityReversed);
    refused("a{2", SyntaxFault::QuantityMalformed);
    refused("a{ 2}", SyntaxFault::QuantityMalformed);
    refused("a**", SyntaxFault::NothingToRepeat);
    refused("a+?", SyntaxFault::NothingToRepeat);
    refused("*a", SyntaxFault::NothingToRepeat);
    refused("(?:a)", SyntaxFault::NothingToRepeat);
    refused("{1}a", SyntaxFault::MustEscape('{'));
    refused("a}", SyntaxFault::MustEscape('}'));
}

#[test]
fn what_is_counted_costs_no_copies() {
    for pattern in [r"\w{1,5000}", r"(\w{1,5000})", r"-|\w{1,5000}", r"(\w|\s){1,5000}"] {
        let bytes = Expression::new([pattern]).expect("a pattern").bytes();
        assert!(bytes < 1 << 20, "{pattern}: {bytes}");
    }
}

#[test]
fn sets_that_stand_among_others_cost_no_copies() {
    for pattern in [
        r"\s*\w{1,5000}",
        r"\w{1,5000}\s*",
        r"[A-Z]\w{0,4999}-?",
        r"\s*(\w{1,5000})?",
        r"(-|\s*\w{1,5000}|\w{2,3000}\.\w{1,3000})",
        r"\w{1,5000}(\s\w{1,5000})?",
        r"\c{1,1000}\i{1,1000}\d{1,1000}",
    ] {
        let expression = Expression::new([pattern]).expect("compiles");
        assert!(expression.bytes() < 2 << 20, "{pattern}: {}", expression.bytes());
    }
    let matches = |pattern: &str, text: &str| Expression::new([pattern]).expect("compiles").matches(text);
    let word = |length: usize| "\u{FC}".repeat(length);
    for (length, expected) in [(0, false), (1, true), (5_000, true), (5_001, false)] {
        assert_eq!(matches(r"\s*\w{1,5000}", &format!("  {}", word(length))), expected, "{length}");
        assert_eq!(matches(r"\w{1,5000}\s*", &format!("{}  ", word(length))), expected, "{length}");
        assert_eq!(matches(r"\s*(\w{1,5000})?", &word(length)), expected || length == 0, "{length}");
    }
    assert!(!matches(r"\s*\w{1,5000}", "a b") && !matches(r"\s*\w{1,5000}", "a "));
    assert!(matches(r"\w{2,3000}\w{2,3000}", &word(6_000)) && !matches(r"\w{2,3000}\w{2,3000}", &word(3)));
}

#[test]
fn sequences_match_what_automata_match() {
    let patterns = [
        "a{0,2}b{1,3}",
        "[ab]{2,5}b{1,9}c?",
        "a*a{2,3}",
        "[ab]*[bc]{2,2}a+",
        "(a|b{2})?[abc]{1,4}",
        "b?a{3,3}b?",
        "[^a]{0,3}a",
    ];
    for pattern in patterns {
        let parse::Branches(branches) = parse::parse(pattern, &PatternLimits::default()).expect("a pattern");
        let compiled = |set: &parse::Branches| compile(&translated(set), &PatternLimits::default());
        let sequences =
            sequence::Sequence::whatever_it_takes(&branches[0], compiled).expect("sets").expect("small");
        let automaton = Expression::new([pattern]).expect("compiles");
        for number in 0..3_u32.pow(8) {
            let letters =
                (0..number % 9).map(|place| ["a", "b", "c"][(number / 3_u32.pow(place) % 3) as usize]);
            let text: String = letters.collect();
            let found = sequences.iter().any(|sequence| sequence.matches(&text));
            assert_eq!(found, automaton.matches(&text), "{pattern} on {text:?}");
        }
    }
}

#[test]
fn groups_of_sets_that_are_repeated_are_small() {
    for pattern in [
        r"(\w\d){1,2000}",
        r"(\w{1,500} )*",
        r"(\w{1,200}\s?){1,5}",
        r"(\w{1,64}/){0,32}\w{1,64}",
        r"[\w ]{1,250}(,[\w ]{1,250}){0,99}",
        r"((\w{1,100})|(\s{1,100})){1,100}",
        r"(\w+\s?){1,1000}",
    ] {
        let expression = Expression::new([pattern]).expect("compiles");
        assert!(expression.bytes() < 6 << 20, "{pattern}: {}", expression.bytes());
    }
    let matches = |pattern: &str, text: &str| Expression::new([pattern]).expect("compiles").matches(text);
    assert!(matches(r"(\w\d){1,2000}", &"\u{FC}\u{662}".repeat(2_000)), "letters and digits of any script");
    assert!(
        !matches(r"(\w\d){1,2000}", &"\u{FC}\u{662}".repeat(2_001)) && !matches(r"(\w\d){1,2000}", "a1b")
    );
    let list = |words: usize| vec!["ein Wort"; words].join(",");
    let pattern = r"[\w ]{1,250}(,[\w ]{1,250}){0,99}";
    assert!(matches(pattern, &list(100)) && !matches(pattern, &list(101)) && !matches(pattern, "a,,b"));
}

#[test]
fn what_is_spelled_matches_what_is_not() {
    let patterns = [
        "(a{0,2}b){1,3}",
        "([ab]c?){2,3}|b*",
        "([^a]|b)*a",
        "(.a){1,4}",
        "[a-c-[b]]{1,3}(b|)",
        r"(\w\s?)*",
        r"(\i\c*:)?\P{Lu}+",
        r"\p{IsBasicLatin}{2,5}[^\p{IsBasicLatin}]?",
        "(\u{E4}|\u{1D11E}b){1,2}",
    ];
    let letters = ["a", "b", "c", " ", "\u{E4}", "\u{1D11E}", "\n"];
    let limits = PatternLimits::default();
    for pattern in patterns {
        let branches = [parse::parse(pattern, &limits).expect("a pattern")];
        let spelled = Spelled::whatever_it_takes(&branches, &limits).expect("small").expect("few letters");
        let expression = Expression::new([pattern]).expect("compiles");
        for number in 0..7_u32.pow(5) {
            let letter = |place| letters[(number / 7_u32.pow(place) % 7) as usize];
            let text: String = (0..number % 6).map(letter).collect();
            assert_eq!(spelled.matches(&text), expression.matches(&text), "{pattern} on {text:?}");
        }
    }
}

#[test]
fn a_pattern_of_more_sets_than_there_are_letters_is_matched_as_it_stands() {
    let limits = PatternLimits::default();
    let spelled = |sets: u32| {
        let characters = (0..sets).filter_map(|number| char::from_u32(0x4E00 + number));
        let pattern: String = characters.collect();
        let branches = [parse::parse(&format!("({pattern}){{2}}"), &limits).expect("a pattern")];
        Spelled::whatever_it_takes(&branches, &limits).expect("small")
    };
    // Each character is a letter, and all others are one.
    assert!(spelled(255).is_some());
    assert!(spelled(256).is_none());
}

#[test]
fn one_repeated_set_is_counted_wherever_it_is_an_alternative() {
    case(r"\w{2,1000}", &["ab", &"ä".repeat(1000)], &["", "a", "a b", &"ä".repeat(1001)]);
    case(r"(\w{2,1000})", &["ab", &"ä".repeat(1000)], &["", "a", &"ä".repeat(1001)]);
    case(r"\w{2,1000}|-|[a-z ]{0,40}", &["", "-", "ab", "a b"], &["--", "a-b", &" ".repeat(41)]);
    case(r"(\w|\s){1,1000}", &["a b", &"ä ".repeat(500)], &["", "a-b", &"ä".repeat(1001)]);
    case(r"((a|b){40})|c", &["c", &"ab".repeat(20)], &["ab", &"ab".repeat(21), &"c".repeat(40)]);
    case(r"(ab){40}", &[&"ab".repeat(40)], &[&"ab".repeat(39), &"a".repeat(40)]);
    case(".{0,100000}", &["", "abc", &"日".repeat(100_000)], &["a\n", &"a".repeat(100_001)]);
    case("[a-c]{40}", &[&"a".repeat(40)], &[&"a".repeat(39), &"a".repeat(41), &"d".repeat(40)]);
    case("𝄞{32,}", &[&"𝄞".repeat(32), &"𝄞".repeat(33)], &[&"𝄞".repeat(31)]);
    case("(ab){32}", &[&"ab".repeat(32)], &[&"ab".repeat(16)]);
    case("a{32}|b", &[&"a".repeat(32), "b"], &["a"]);
}

#[test]
fn groups_are_closed() {
    case("((a)(b|(c)))+", &["ab", "abac"], &["a"]);
    refused("(a", SyntaxFault::GroupNotClosed);
    refused("a)", SyntaxFault::GroupNotOpen);
    refused("a]", SyntaxFault::MustEscape(']'));
}

#[test]
fn escapes() {
    case(r"\\\|\.\?\*\+\(\)\{\}\-\[\]\^", &[r"\|.?*+(){}-[]^"], &[]);
    case(r"\n\r\t", &["\n\r\t"], &["nrt"]);
    for unknown in ['b', 'A', 'z', 'x', 'u', '1', '/', '$', '"', ' '] {
        refused(&format!("\\{unknown}"), SyntaxFault::UnknownEscape(unknown));
    }
    refused("\\", SyntaxFault::EndsEarly);
}

#[test]
fn multi_character_escapes() {
    case(r"\d", &["7", "٧"], &["a", "½", "Ⅷ"]);
    case(r"\D", &["a", "½"], &["7"]);
    case(r"\s", &[" ", "\t", "\n", "\r"], &["\u{A0}", "\u{85}", "\u{B}"]);
    case(r"\S", &["\u{A0}", "a"], &[" "]);
    case(
        r"\w",
        &["a", "7", "é", "+", "$", "日", "\u{301}"],
        &["_", "-", " ", "\u{A0}", "\u{200D}", "\u{378}"],
    );
    case(r"\W", &["_", ".", " "], &["a", "+"]);
    case(r"\i", &["a", "_", ":", "é"], &["1", "-", "."]);
    case(r"\I", &["1", "-"], &["a", ":"]);
    case(r"\c+", &["a1-._:é\u{301}"], &["", "a b", "a/b"]);
    case(r"\C", &["/", " "], &["a", "."]);
    case(r"[\i-[:]][\c-[:]]*", &["a-b", "_"], &["a:b", ":a", "1"]);
}

#[test]
fn categories_and_blocks() {
    case(r"\p{Lu}\p{Ll}*", &["Ä", "Aaß"], &["aA"]);
    case(r"\P{L}", &["1", " "], &["a"]);
    case(r"\p{Sc}", &["$", "€"], &["+"]);
    case(r"\p{Cn}", &["\u{378}"], &["a"]);
    case(r"\p{C}", &["\u{378}", "\u{AD}", "\u{7F}", "\u{E000}"], &["a"]);
    case(r"\p{IsBasicLatin}+", &["abc~"], &["é"]);
    case(r"\P{IsBasicLatin}+", &["éя"], &["a"]);
    case(r"\p{IsLatin-1Supplement}", &["é"], &["e", "Ā"]);
    case(r"\p{IsGreek}\p{IsGreekandCoptic}", &["αβ"], &[]);
    case(r"\p{IsPrivateUse}", &["\u{E000}", "\u{F0000}"], &["a"]);
    case(r"\p{IsHighSurrogates}?", &[""], &["a"]);
    case(r"[\P{IsLowSurrogates}]", &["a"], &[""]);
    for unknown in ["Cs", "lu", "Lx", "IsNowhere", "Is", "", "Letter", "Greek", "\\L"] {
        refused(&format!("\\p{{{unknown}}}"), SyntaxFault::UnknownProperty(unknown.to_owned()));
    }
    refused(r"\pL", SyntaxFault::UnknownProperty(String::new()));
    refused(r"\p{L", SyntaxFault::EndsEarly);
}

#[test]
fn character_classes() {
    case("[abc]", &["a", "c"], &["d", "ab"]);
    case("[^abc]", &["d", "\n"], &["a", ""]);
    case("[a-c1-3]", &["b", "2"], &["d", "-"]);
    case("[a^]", &["a", "^"], &["b"]);
    case("[.?*+(){}|$]", &[".", "?", "{", "|", "$"], &["a"]);
    case(r"[\d\-x]", &["5", "-", "x"], &["y"]);
    case(r"[\n-\r]", &["\n", "\u{B}"], &["n"]);
    case(r"[a\]\[]", &["]", "["], &["\\"]);
    case("[&&a~~b]", &["&", "~", "a", "b"], &["c"]);
    refused("[]", SyntaxFault::ClassEmpty);
    refused("[^]", SyntaxFault::ClassEmpty);
    refused("[a", SyntaxFault::EndsEarly);
    refused("[b-a]", SyntaxFault::RangeReversed);
    refused("[a[b]]", SyntaxFault::MustEscape('['));
    refused(r"[a-\d]", SyntaxFault::DashMisplaced);
}

#[test]
fn dashes_in_classes() {
    case("[-a]", &["-", "a"], &["b"]);
    case("[a-]", &["-", "a"], &["b"]);
    case("[^-a]", &["b"], &["-", "a"]);
    case("[^a-]", &["b"], &["-", "a"]);
    case("[-]", &["-"], &["a"]);
    case("[--]", &["-"], &["a", "--"]);
    case("[^--]", &["a"], &["-"]);
    case("[---[a]]", &["-"], &["a"]);
    case(r"[a-\}-]+", &["az-"], &["~"]);
    case(r"[!-\-]", &["!", "#", "-"], &["."]);
    case("[a-c-]", &["a", "-"], &["d"]);
    case(r"[\d-]", &["1", "-"], &["d"]);
    case("[--]", &["-"], &["a", "--"]);
    refused("[a-c-e]", SyntaxFault::DashMisplaced);
    refused("[^a-d-b-c]", SyntaxFault::DashMisplaced);
    refused("[a--b]", SyntaxFault::DashMisplaced);
    refused("[--z]", SyntaxFault::DashMisplaced);
    refused(r"[\d-z]", SyntaxFault::DashMisplaced);
}

#[test]
fn class_subtraction() {
    case("[a-z-[aeiou]]+", &["xyz"], &["xaz"]);
    case("[^a-d-[b-c]]", &["e", "A"], &["a", "b", "d"]);
    case("[a-c-[^a-c]]", &["a", "b"], &["d"]);
    case("[a-z-[c-x-[m]]]", &["a", "m", "z"], &["c", "l"]);
    case(r"[\w-[\d]]", &["a"], &["1", "_"]);
    case("[a-[a-f]]", &[], &["a", "b"]);
    case(r"[abc\--[b]]+", &["a-c"], &["b"]);
    case("[a--[-]]", &["a"], &["-"]);
    refused("[a-z-[aeiou]x]", SyntaxFault::SubtractionNotLast);
    refused("[-[b]]", SyntaxFault::MustEscape('['));
    refused("[^-[bc]]", SyntaxFault::MustEscape('['));
    refused("[a-z-[]]", SyntaxFault::ClassEmpty);
}

#[test]
fn alternatives_of_one_step() {
    let expression = Expression::new(["a|b", "c"]).unwrap();
    assert!(["a", "b", "c"].iter().all(|text| expression.matches(text)));
    assert!(!expression.matches("ac"));
}

#[test]
fn faults_say_where() {
    let error = Expression::new(["ab\\q"]).unwrap_err();
    assert_eq!(error.to_string(), r"`\q` is no escape at character 4 of the pattern");
}

#[track_caller]
fn limit(at: &str, above: &str, expected: &PatternError) {
    assert!(Expression::new([at]).is_ok());
    assert_eq!(Expression::new([above]).err().as_ref(), Some(expected));
    assert!(expected.is_limit());
}

#[test]
fn every_size_has_a_limit() {
    let groups = |depth: u32| format!("{}a{}", "(".repeat(depth as usize), ")+".repeat(depth as usize));
    let classes = |depth: u32| format!("{}[a]{}", "[a-".repeat(depth as usize), "]".repeat(depth as usize));
    let PatternLimits { bytes_max, nesting_max, repeat_max, compiled_bytes_max } = PatternLimits::default();
    let long = PatternError::TooLong { max: bytes_max };
    limit(&"a".repeat(bytes_max), &"a".repeat(bytes_max + 1), &long);
    let deep = PatternError::TooDeep { max: nesting_max };
    limit(&groups(nesting_max), &groups(nesting_max + 1), &deep);
    limit(&classes(nesting_max - 1), &classes(nesting_max), &deep);
    let often = PatternError::RepeatsTooOften { max: repeat_max };
    limit(&format!("a{{{repeat_max}}}"), &format!("a{{{}}}", repeat_max + 1), &often);
    limit(
        "((a{100}){100}){10}",
        "((a{1000}){1000}){1000}",
        &PatternError::TooLarge { max: compiled_bytes_max },
    );
    limit("a{0,99999999999999999999999}".get(..1).unwrap(), "a{99999999999999999999999}", &often);
}
