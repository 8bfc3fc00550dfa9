//! `feedgate explain`.

use super::columns::{Columns, Side};
use super::output;
use crate::judgement::Acceptance;
use crate::report::german::{self, GermanExplanation};
use crate::report::{ExampleKind, Explanation};
use anyhow::bail;
use clap::{Args, ValueEnum};
use std::fmt::Write;

/// Characters of a line of text.
const LINE_CHARS_MAX: usize = 100;

/// Codes that an error suggests.
const SUGGESTED_MAX: usize = 6;

/// Say what a code of a report means, and what to do
///
/// Reports name each deviation by a code, in brackets: a clause of XML Schema (`cvc-complex-type.2.4.a`), a rule of the
/// format (`rule.gtin`), what is wrong with a file (`xml.cut-off`, `feed.unknown-root`). Tells of each its meaning, an
/// example that breaks it and one that holds, what to do, and where the Recommendation says so.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate explain cvc-complex-type.2.4.a
  feedgate explain xml.cut-off rule.gtin
  feedgate explain --list | grep date          codes, one line each
  feedgate explain --lang de rule.gtin         in German
  feedgate explain --json rule.gtin            for programs

Exit status:
  0  explained
  2  could not do it: no such code")]
pub(super) struct ExplainArgs {
    /// Code as a report tells it
    #[arg(required_unless_present = "list", value_name = "CODE")]
    codes: Vec<String>,
    /// List all codes, a line each
    #[arg(long, conflicts_with = "codes")]
    list: bool,
    /// Print JSON lines, one for each code
    #[arg(long)]
    json: bool,
    /// Language of the explanations; JSON is English
    #[arg(long, value_enum, value_name = "LANGUAGE", default_value_t, conflicts_with = "json")]
    lang: Lang,
}

/// A language of explanations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Lang {
    #[default]
    En,
    De,
}

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<Acceptance> {
    let explanations = meant(args)?;
    let text = match (args.json, args.list) {
        (true, _) => explanations.iter().map(json).collect(),
        (false, true) => listed(&explanations, args.lang),
        (false, false) => {
            explanations.iter().map(|each| told(each, args.lang)).collect::<Vec<_>>().join("\n")
        }
    };
    output::print(&text)?;
    Ok(Acceptance::Accepted)
}

/// What was asked for; all codes have to be known.
fn meant(args: &ExplainArgs) -> anyhow::Result<Vec<Explanation>> {
    if args.list {
        return Ok(Explanation::codes().iter().filter_map(|code| Explanation::of(code)).collect());
    }
    // Reports show codes in brackets, and so they are copied.
    let codes = args.codes.iter().map(|code| code.trim_matches(['[', ']', '`']));
    codes.map(|code| Explanation::of(code).map_or_else(|| unknown(code), Ok)).collect()
}

fn unknown(code: &str) -> anyhow::Result<Explanation> {
    let nearest = Explanation::nearest(code);
    let named: Vec<_> = nearest.iter().take(SUGGESTED_MAX).map(|code| format!("`{code}`")).collect();
    let more = nearest.len() - named.len();
    match (named.join(", "), more) {
        (named, _) if named.is_empty() => {
            bail!("`{code}` is no code of a report: `feedgate explain --list` lists them")
        }
        (named, 0) => bail!("`{code}` is no code of a report: is {named} meant?"),
        (named, more) => bail!("`{code}` is no code of a report: is {named} or one of {more} others meant?"),
    }
}

fn listed(explanations: &[Explanation], lang: Lang) -> String {
    let heading = words(lang).heading;
    let mut columns = Columns::new(&[("code", Side::Left), (heading, Side::Left)]);
    for explanation in explanations {
        let german = german(explanation, lang);
        let line = german.map_or_else(|| explanation.line().to_owned(), |german| german.line().to_owned());
        columns.row(&[explanation.code.to_owned(), line]);
    }
    columns.render()
}

fn german(explanation: &Explanation, lang: Lang) -> Option<GermanExplanation> {
    (lang == Lang::De).then(|| german::explanation(explanation.code)).flatten()
}

/// What stands between the parts of an explanation.
struct Words {
    heading: &'static str,
    schema: &'static str,
    breaks_it: &'static str,
    no_bytes: &'static str,
    holds: &'static str,
    action: &'static str,
    clause: &'static str,
}

const fn words(lang: Lang) -> Words {
    match lang {
        Lang::En => Words {
            heading: "demands or means",
            schema: "schema",
            breaks_it: "breaks it",
            no_bytes: "a file of no bytes",
            holds: "holds",
            action: "what to do",
            clause: "clause",
        },
        Lang::De => Words {
            heading: "verlangt oder bedeutet",
            schema: "Schema",
            breaks_it: "verletzt es",
            no_bytes: "eine Datei ohne ein Byte",
            holds: "hält es ein",
            action: "was zu tun ist",
            clause: "Klausel",
        },
    }
}

/// The texts of an explanation in one language.
struct Texts {
    demand: Option<String>,
    meaning: &'static str,
    breaks: &'static str,
    holds: &'static str,
    action: &'static str,
}

impl Texts {
    fn of(explanation: &Explanation, lang: Lang) -> Self {
        let Explanation { demand, meaning, breaks, holds, action, .. } = *explanation;
        match german(explanation, lang) {
            None => Self { demand: demand.map(str::to_owned), meaning, breaks, holds, action },
            Some(german) => Self {
                demand: german.demand,
                meaning: german.meaning,
                breaks: german.breaks.unwrap_or(breaks),
                holds: german.holds.unwrap_or(holds),
                action: german.action,
            },
        }
    }
}

/// An explanation for people.
fn told(explanation: &Explanation, lang: Lang) -> String {
    let Explanation { code, schema, documents, reference, .. } = explanation;
    let (words, texts) = (words(lang), Texts::of(explanation, lang));
    let mut text = format!("{code}\n");
    for paragraph in texts.demand.as_deref().into_iter().chain([texts.meaning]) {
        write!(text, "\n{}", wrapped(paragraph)).expect("writes to memory");
    }
    if let Some(schema) = schema {
        text.push_str(&part(words.schema, schema));
    }
    for (name, document) in *documents {
        text.push_str(&part(name, document.trim_matches('\n')));
    }
    let breaks = if texts.breaks.is_empty() { words.no_bytes } else { texts.breaks };
    text.push_str(&part(words.breaks_it, &example(explanation, breaks)));
    text.push_str(&part(words.holds, &example(explanation, texts.holds)));
    text.push_str(&part(words.action, &wrapped(texts.action)));
    if let Some(reference) = reference {
        text.push_str(&part(words.clause, reference));
    }
    text
}

fn part(heading: &str, body: &str) -> String {
    let lines = body.lines().map(|line| format!("  {line}")).collect::<Vec<_>>();
    format!("\n{heading}:\n{}\n", lines.join("\n"))
}

/// An example as it is shown: markup as it stands, words wrapped, what cannot be seen written out.
fn example(explanation: &Explanation, text: &str) -> String {
    match explanation.example {
        ExampleKind::Words => wrapped(text),
        _ => text.lines().map(output::lines).collect::<Vec<_>>().join("\n"),
    }
}

/// Words in lines of [`LINE_CHARS_MAX`] characters.
fn wrapped(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > LINE_CHARS_MAX {
            writeln!(lines, "{line}").expect("writes to memory");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines + &line + "\n"
}

/// An explanation for programs.
fn json(explanation: &Explanation) -> String {
    let mut value = serde_json::to_value(explanation).expect("texts are JSON");
    let object = value.as_object_mut().expect("an explanation is an object");
    object.insert("version".to_owned(), 1.into());
    object.insert("type".to_owned(), "explanation".into());
    format!("{value}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_and_none_is_lost() {
        let text = "word ".repeat(50);
        let lines = wrapped(text.trim_end());
        assert!(lines.lines().all(|line| line.chars().count() <= LINE_CHARS_MAX), "{lines}");
        assert_eq!(lines.split_whitespace().count(), 50);
    }

    #[test]
    fn a_code_is_told_with_examples_advice_and_clause() {
        let text = told(&Explanation::of("cvc-datatype-valid.1.2.1").expect("a clause"), Lang::En);
        for part in
            ["\nbreaks it:\n  <amount>12,50</amount>\n", "\nholds:\n", "\nwhat to do:\n", "xmlschema-2/#cvc"]
        {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let documents = told(&Explanation::of("src-include.2").expect("a clause"), Lang::En);
        assert!(documents.contains("\ncodes.xsd:\n  <xs:schema "), "{documents}");
    }

    #[test]
    fn a_code_is_told_in_german() {
        let text = told(&Explanation::of("feed.held").expect("a code"), Lang::De);
        for part in
            ["zur Freigabe angehalten", "\nverletzt es:\n  eine Lieferung, die", "\nwas zu tun ist:\n"]
        {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let list = listed(&[Explanation::of("rule.gtin").expect("a code")], Lang::De);
        assert!(list.contains("verlangt oder bedeutet") && list.contains("Prüfziffer"), "{list}");
    }

    #[test]
    fn an_unknown_code_is_told_with_the_nearest() {
        let of = |code| unknown(code).expect_err("no such code").to_string();
        assert!(of("rule.gtim").contains("is `rule.gtin` meant?"));
        assert!(of("cvc-complex-type").contains("or one of"));
        assert!(of("???").contains("--list"));
    }
}
