//! Held feeds in words: how one stands, and what it would do beyond a limit.

use super::language::Language;
use crate::import::GuardKind;
use crate::serve::held::plan::ExceededAnswer;
use crate::serve::held::{HeldItem, HeldWord};

/// All states of a held feed, as a filter offers them.
pub(super) const STATES: [HeldWord; 5] =
    [HeldWord::Open, HeldWord::Released, HeldWord::Refused, HeldWord::Superseded, HeldWord::Expired];

/// The state as addresses write it.
pub(super) const fn state_value(state: HeldWord) -> &'static str {
    match state {
        HeldWord::Open => "open",
        HeldWord::Released => "released",
        HeldWord::Refused => "refused",
        HeldWord::Superseded => "superseded",
        HeldWord::Expired => "expired",
    }
}

/// How one stands, in few words.
pub(super) const fn state_name(language: Language, state: HeldWord) -> &'static str {
    let (english, german) = match state {
        HeldWord::Open => ("waiting", "wartet"),
        HeldWord::Released => ("released", "freigegeben"),
        HeldWord::Refused => ("refused", "abgelehnt"),
        HeldWord::Superseded => ("superseded", "überholt"),
        HeldWord::Expired => ("expired", "verfallen"),
    };
    language.pick(english, german)
}

/// What became of it, in a sentence.
pub(super) const fn state_told(language: Language, state: HeldWord) -> &'static str {
    let (english, german) = match state {
        HeldWord::Open => {
            ("Held: it waits for a decision", "Angehalten: Die Lieferung wartet auf eine Entscheidung")
        }
        HeldWord::Released => ("Released", "Freigegeben"),
        HeldWord::Refused => {
            ("Refused: nothing of it was imported", "Abgelehnt: Nichts davon wurde importiert")
        }
        HeldWord::Superseded => {
            ("Superseded: a newer feed says what it says", "Überholt: Eine neuere Lieferung sagt dasselbe")
        }
        HeldWord::Expired => {
            ("Expired: nobody decided in time", "Verfallen: Niemand hat rechtzeitig entschieden")
        }
    };
    language.pick(english, german)
}

/// What became of a feed that a run held, and by which run; `None` while it waits.
pub(super) fn settled(language: Language, item: &HeldItem) -> Option<String> {
    let run = item.resolved_run;
    let told = match (item.state, run, language) {
        (HeldWord::Open, ..) => return None,
        (HeldWord::Released, Some(run), Language::English) => {
            format!("Held, then released: run {run} let it in")
        }
        (HeldWord::Released, Some(run), Language::German) => {
            format!("Angehalten, dann freigegeben: durch Lauf {run}")
        }
        (HeldWord::Superseded, Some(run), Language::English) => {
            format!("Held, then superseded by a newer feed: run {run}")
        }
        (HeldWord::Superseded, Some(run), Language::German) => {
            format!("Angehalten, dann von einer neueren Lieferung überholt: Lauf {run}")
        }
        (state, ..) => {
            let held = language.pick("Held, then", "Angehalten, dann");
            format!("{held} {}{}", state_name(language, state), was_to(language, item))
        }
    };
    Some(told)
}

/// Behind what became of it: what it was held for.
fn was_to(language: Language, item: &HeldItem) -> String {
    let was_to = language.pick("it was to", "Die Lieferung sollte");
    let first = item.exceeded.first().map(|first| format!(": {was_to} {}", deed(language, first)));
    first.unwrap_or_default()
}

/// That it waits, and for the gravest reason why; `None` where another version of feedgate held it.
pub(super) fn waits(language: Language, item: &HeldItem) -> Option<String> {
    why(language, item).first().map(|first| held_for(language, first))
}

/// That one is held, and for what.
pub(super) fn held_for(language: Language, reason: &str) -> String {
    let held = language.pick("Held", "Angehalten");
    match (language, reason.strip_prefix("It ")) {
        (Language::English, Some(rest)) => format!("{held}: it {rest}"),
        _ => format!("{held}: {reason}"),
    }
}

/// Its colour and sign.
pub(super) const fn state_look(state: HeldWord) -> (&'static str, &'static str) {
    match state {
        HeldWord::Open => ("held", "‖"),
        HeldWord::Released => ("good", "✓"),
        HeldWord::Refused => ("plain", "○"),
        HeldWord::Superseded | HeldWord::Expired => ("quiet", "○"),
    }
}

/// What it would do beyond a limit, without a subject: `withdraw 812 of 1,000 products`.
pub(super) fn deed(language: Language, of: &ExceededAnswer) -> String {
    let [count, base] = [of.count, of.base].map(|number| language.grouped(number));
    match language {
        Language::English => english(of.kind, &count, &base),
        Language::German => german(of.kind, &count, &base),
    }
}

/// What a limit is about, where it is less than its share.
fn noun(language: Language, kind: GuardKind) -> &'static str {
    match kind {
        GuardKind::Refused => language.pick("records", "Datensätze"),
        _ => language.pick("products", "Produkte"),
    }
}

/// What is allowed where a limit is exceeded.
pub(super) fn allowed(language: Language, of: &ExceededAnswer) -> String {
    match of.kind {
        GuardKind::Empty | GuardKind::SizeMin | GuardKind::SizeMax => limit_of_size(language, &of.limit),
        GuardKind::Drift => language
            .pick("none before somebody has looked", "keine, bevor jemand sie angesehen hat")
            .to_owned(),
        kind => limit(language, &of.limit, noun(language, kind)),
    }
}

/// Why one is held, a sentence for each reason, the gravest first.
pub(super) fn why(language: Language, item: &HeldItem) -> Vec<String> {
    // Its age is the one reason that is no limit.
    let is_old = item.reasons.len() > item.exceeded.len();
    let old = language.pick(
        "It is older than what was applied of its source",
        "Die Lieferung ist älter als das, was von ihrem Absender übernommen wurde",
    );
    let would = language.pick("It would", "Die Lieferung würde");
    let limits =
        item.exceeded.iter().map(|each| format!("{would} {}{}", deed(language, each), share(language, each)));
    is_old.then(|| old.to_owned()).into_iter().chain(limits).collect()
}

/// How much that is of all, in brackets, where it is a part of them.
fn share(language: Language, of: &ExceededAnswer) -> String {
    let is_part = !matches!(of.kind, GuardKind::Empty | GuardKind::Create) && of.count <= of.base;
    let share = is_part.then(|| percent(language, of.count, of.base)).flatten();
    share.map(|share| format!(" ({share})")).unwrap_or_default()
}

fn english(kind: GuardKind, count: &str, base: &str) -> String {
    match kind {
        GuardKind::Empty => "bring no records at all".to_owned(),
        GuardKind::SizeMin | GuardKind::SizeMax => format!("bring {count} records where {base} are usual"),
        GuardKind::Shrunk => {
            format!("leave {count} of the {base} products that stood after the last full feeds")
        }
        GuardKind::Withdraw => format!("withdraw {count} of {base} products"),
        GuardKind::Unavailable => format!("make {count} of {base} products unavailable"),
        GuardKind::Price => format!("change the prices of {count} of {base} products"),
        GuardKind::PriceJump => {
            format!("raise or cut prices of {count} of {base} products beyond the factor allowed")
        }
        GuardKind::Refused => format!("have {count} of {base} records refused"),
        GuardKind::Update => format!("change {count} of {base} products"),
        GuardKind::Create => format!("add {count} products to {base}"),
        GuardKind::SameTitle => format!("give {count} of {base} products a title that others get, too"),
        GuardKind::Drift => format!("bring {count} drifts that somebody has to look at"),
    }
}

fn german(kind: GuardKind, count: &str, base: &str) -> String {
    match kind {
        GuardKind::Empty => "keinen einzigen Datensatz bringen".to_owned(),
        GuardKind::SizeMin | GuardKind::SizeMax => format!("{count} Datensätze bringen, üblich sind {base}"),
        GuardKind::Shrunk => format!(
            "{count} von {base} Produkten übrig lassen, die nach den letzten vollständigen Lieferungen da waren"
        ),
        GuardKind::Withdraw => format!("{count} von {base} Produkten zurückziehen"),
        GuardKind::Unavailable => format!("{count} von {base} Produkten als nicht lieferbar melden"),
        GuardKind::Price => format!("die Preise von {count} von {base} Produkten ändern"),
        GuardKind::PriceJump => {
            format!("die Preise von {count} von {base} Produkten über den erlaubten Faktor hinaus ändern")
        }
        GuardKind::Refused => {
            format!("{count} von {base} Datensätzen mit Fehlern bringen, die abgewiesen werden")
        }
        GuardKind::Update => format!("{count} von {base} Produkten ändern"),
        GuardKind::Create => format!("{count} Produkte zu {base} hinzufügen"),
        GuardKind::SameTitle => {
            format!("{count} von {base} Produkten einen Titel geben, den auch andere bekommen")
        }
        GuardKind::Drift => format!("{count} Formatänderungen bringen, die jemand ansehen muss"),
    }
}

/// A limit, as settings write it, in words: `up to 5 %, or 20 products if that is more`.
pub(super) fn limit(language: Language, said: &str, noun: &str) -> String {
    match said.split_once("%/") {
        Some((percent, "0")) => format!("{} {percent} %", language.pick("up to", "bis")),
        Some((percent, number)) => {
            let number = number.parse().map_or_else(|_| number.to_owned(), |number| language.grouped(number));
            match language {
                Language::English => format!("up to {percent} %, or {number} {noun} if that is more"),
                Language::German => format!("bis {percent} %, in jedem Fall {number} {noun}"),
            }
        }
        None => language.pick("no limit", "unbegrenzt").to_owned(),
    }
}

/// The same of how large a feed is, against the usual size: `50 %; 20 more or fewer always pass`.
pub(super) fn limit_of_size(language: Language, said: &str) -> String {
    match (said.split_once("%/"), language) {
        (Some((percent, "0")), _) => format!("{percent} %"),
        (Some((percent, number)), Language::English) => {
            format!("{percent} %; {number} more or fewer always pass")
        }
        (Some((percent, number)), Language::German) => {
            format!("{percent} %; {number} mehr oder weniger gehen immer")
        }
        (None, _) => limit(language, said, ""),
    }
}

/// A number as people write it.
pub(super) fn decimal(language: Language, said: &str) -> String {
    said.replace('.', language.pick(".", ","))
}

/// A share in per cent, with one digit behind the point; nothing of nothing has none. Only nothing is `0 %`, and only
/// all is `100 %`.
pub(super) fn percent(language: Language, part: u64, whole: u64) -> Option<String> {
    let (few, all) = (u128::from(part) * 1_000, u128::from(whole.max(1)));
    let tenths = match (few + all / 2) / all {
        0 => 1,
        1_000 if part < whole => 999,
        tenths => tenths,
    };
    let share = match part {
        0 => "0 %".to_owned(),
        part if part == whole => "100 %".to_owned(),
        _ => format!("{}{}{} %", tenths / 10, language.pick(".", ","), tenths % 10),
    };
    (whole > 0).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_in_words() {
        let of = |said| limit(Language::English, said, "products");
        assert_eq!(
            (of("5%/20").as_str(), of("0%/0").as_str(), of("off").as_str()),
            ("up to 5 %, or 20 products if that is more", "up to 0 %", "no limit")
        );
        let german = limit(Language::German, "30%/1000", "Produkte");
        assert_eq!(german, "bis 30 %, in jedem Fall 1.000 Produkte");
        assert_eq!(limit_of_size(Language::English, "50%/20"), "50 %; 20 more or fewer always pass");
    }

    #[test]
    fn a_share_is_never_told_as_none_where_there_is_some_nor_as_all_where_one_is_missing() {
        let of = |part, whole| percent(Language::German, part, whole);
        assert_eq!(of(812, 1_000).as_deref(), Some("81,2 %"));
        assert_eq!(
            (of(1, 1_000_000).as_deref(), of(0, 5).as_deref(), of(1, 0)),
            (Some("0,1 %"), Some("0 %"), None)
        );
        assert_eq!((of(1, 30).as_deref(), of(2, 30).as_deref()), (Some("3,3 %"), Some("6,7 %")));
        assert_eq!(
            (of(99_999, 100_000).as_deref(), of(7, 7).as_deref(), of(14, 7).as_deref()),
            (Some("99,9 %"), Some("100 %"), Some("200,0 %"))
        );
    }
}
