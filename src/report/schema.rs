//! What `schema check` tells: a line and an excerpt for each fault, or JSON lines.
//!
//! Lines of the `json` form are like those of [`JsonReporter`](super::JsonReporter), with types of their own:
//!
//! * `check_started`, first line: `program`, `command`, `schemas`
//! * `schema_fault`, a fault: `schema`, `document`, `line`, `column`, `byte`, `code`, `sentence`, `component`,
//!   `excerpt` (`text`, `caret`, `width`)
//! * `schema_end`, a schema that was read: `schema`, `elements`, `types` (both `null` when it was refused), `faults`
//!   (all), `faults_told`, `not_checked`, `exit_status`
//! * `schema_failed`, a schema that could not be read: `schema`, `error`
//! * `check_summary`, last line: `schemas`, `refused`, `failed`, `faults`, `exit_status`, `meaning`
//!
//! The `lines` form is `DOCUMENT:LINE:COLUMN: error: sentence [code] [component]`, `[-]` outside of components.

use super::Paint;
use super::escape::{clean, shown};
use super::excerpt::MarkedExcerpt;
use super::json::{ExcerptPart, write_line};
use crate::judgement::{Acceptance, Severity};
use crate::xml::Excerpt;
use crate::xsd::{SchemaFault, Surroundings};
use serde::Serialize;
use std::io::{self, Write};

/// Faults of one schema that the text form shows; the others are counted.
const FAULTS_SHOWN_MAX: usize = 100;

/// The form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaForm {
    /// For people: component and source line below each fault.
    Text(Paint),
    /// A line for each fault.
    Lines,
    /// JSON lines.
    Json,
}

/// A schema that was read.
#[derive(Debug)]
pub struct CheckedSchema<'a> {
    /// As it was named.
    pub name: &'a str,
    /// How many element declarations and types it has; `None` when it was refused.
    pub size: Option<(usize, usize)>,
    /// Its faults, with what stands around them.
    pub faults: &'a [(SchemaFault, Surroundings)],
    /// Faults that were found beyond these and are only counted.
    pub more: usize,
    /// What of it the engine does not check.
    pub not_checked: &'a [String],
}

impl CheckedSchema<'_> {
    /// All its faults, told or not.
    fn count(&self) -> usize {
        self.faults.len() + self.more
    }

    /// What the program makes of it.
    #[must_use]
    pub fn status(&self) -> Acceptance {
        match (self.size, self.not_checked) {
            (None, _) => Acceptance::Deviations,
            (Some(_), []) => Acceptance::Accepted,
            (Some(_), _) => Acceptance::NotFullyChecked,
        }
    }
}

/// Tells of schemas in the order they come.
#[derive(Debug)]
pub struct SchemaReport<W> {
    out: W,
    form: SchemaForm,
    schemas: usize,
    refused: usize,
    failed: usize,
    faults: usize,
    status: Acceptance,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum SchemaReportLine<'a> {
    CheckStarted {
        program: &'static str,
        command: &'static str,
        schemas: usize,
    },
    SchemaFault {
        schema: &'a str,
        document: &'a str,
        line: u64,
        column: u64,
        byte: u64,
        code: &'static str,
        sentence: &'a str,
        component: Option<&'a str>,
        excerpt: Option<ExcerptPart<'a>>,
    },
    SchemaEnd {
        schema: &'a str,
        elements: Option<usize>,
        types: Option<usize>,
        faults: usize,
        faults_told: usize,
        not_checked: &'a [String],
        exit_status: u8,
    },
    SchemaFailed {
        schema: &'a str,
        error: &'a str,
    },
    CheckSummary {
        schemas: usize,
        refused: usize,
        failed: usize,
        faults: usize,
        exit_status: u8,
        meaning: &'static str,
    },
}

impl<W: Write> SchemaReport<W> {
    /// A report on so many schemas.
    pub fn new(out: W, form: SchemaForm, schemas: usize) -> Self {
        Self { out, form, schemas, refused: 0, failed: 0, faults: 0, status: Acceptance::default() }
    }

    /// The first word.
    pub fn begin(&mut self) -> io::Result<()> {
        let (program, schemas) = (concat!("feedgate ", env!("CARGO_PKG_VERSION")), self.schemas);
        self.json(&SchemaReportLine::CheckStarted { program, command: "schema check", schemas })
    }

    /// A schema was read.
    pub fn checked(&mut self, schema: &CheckedSchema<'_>) -> io::Result<()> {
        self.refused += usize::from(schema.size.is_none());
        self.faults += schema.count();
        self.status = self.status.and(schema.status());
        for (number, fault) in schema.faults.iter().enumerate() {
            self.fault(schema.name, number, fault)?;
        }
        match self.form {
            SchemaForm::Text(_) => self.end_for_people(schema),
            SchemaForm::Lines => self.not_checked(schema),
            SchemaForm::Json => self.json(&SchemaReportLine::SchemaEnd {
                schema: schema.name,
                elements: schema.size.map(|(elements, _)| elements),
                types: schema.size.map(|(_, types)| types),
                faults: schema.count(),
                faults_told: schema.faults.len(),
                not_checked: schema.not_checked,
                exit_status: schema.status().exit_status(),
            }),
        }
    }

    /// A schema could not be read; people are told on standard error.
    pub fn failed(&mut self, schema: &str, error: &str) -> io::Result<()> {
        self.failed += 1;
        self.status = self.status.and(Acceptance::Failed);
        self.json(&SchemaReportLine::SchemaFailed { schema, error })
    }

    /// The last word, and how the program ends.
    pub fn finish(&mut self) -> io::Result<Acceptance> {
        self.json(&SchemaReportLine::CheckSummary {
            schemas: self.schemas,
            refused: self.refused,
            failed: self.failed,
            faults: self.faults,
            exit_status: self.status.exit_status(),
            meaning: meaning(self.status),
        })?;
        self.out.flush()?;
        Ok(self.status)
    }

    fn json(&mut self, line: &SchemaReportLine<'_>) -> io::Result<()> {
        if self.form == SchemaForm::Json { write_line(&mut self.out, line) } else { Ok(()) }
    }

    fn fault(
        &mut self,
        schema: &str,
        number: usize,
        (fault, around): &(SchemaFault, Surroundings),
    ) -> io::Result<()> {
        let SchemaFault { document, place, rule, sentence, .. } = fault;
        let Surroundings { component, excerpt } = around;
        match self.form {
            SchemaForm::Text(_) if number >= FAULTS_SHOWN_MAX => Ok(()),
            SchemaForm::Text(paint) => {
                let severity = paint.severity(Severity::Error);
                let code = paint.faint(&format!("[{}]", rule.code()));
                let sentence = paint.strong(&shown(sentence));
                writeln!(self.out, "{}:{place}: {severity}: {sentence} {code}", clean(document))?;
                if !component.is_empty() {
                    writeln!(self.out, "    in {}", shown(component))?;
                }
                self.excerpt(paint, excerpt)
            }
            SchemaForm::Lines => {
                let component = if component.is_empty() { "-".to_owned() } else { shown(component) };
                let (document, sentence, code) = (clean(document), shown(sentence), rule.code());
                writeln!(self.out, "{document}:{place}: error: {sentence} [{code}] [{component}]")
            }
            SchemaForm::Json => self.json(&SchemaReportLine::SchemaFault {
                schema,
                document,
                line: place.line,
                column: place.column,
                byte: place.byte.0,
                code: rule.code(),
                sentence,
                component: (!component.is_empty()).then_some(component),
                excerpt: ExcerptPart::of(&excerpt.text, excerpt.caret, excerpt.width),
            }),
        }
    }

    fn excerpt(&mut self, paint: Paint, excerpt: &Excerpt) -> io::Result<()> {
        let Some(marked) = MarkedExcerpt::of(&excerpt.clone().into()) else { return Ok(()) };
        let (blanks, mark) = marked.below();
        writeln!(self.out, "    | {}", marked.line())?;
        writeln!(self.out, "    | {blanks}{}", paint.mark(&mark))
    }

    fn end_for_people(&mut self, schema: &CheckedSchema<'_>) -> io::Result<()> {
        let name = clean(schema.name);
        match (schema.size, schema.count()) {
            (Some((elements, types)), _) => {
                let counted = |number: usize, noun: &str| {
                    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
                };
                let (elements, types) = (counted(elements, "element"), counted(types, "type"));
                writeln!(self.out, "{name}: compiles: {elements}, {types}")?;
            }
            (None, faults) => {
                let hidden = faults - schema.faults.len().min(FAULTS_SHOWN_MAX);
                let more = if hidden > 0 { format!(", {hidden} of them not shown") } else { String::new() };
                let plural = if faults == 1 { "" } else { "s" };
                writeln!(self.out, "{name}: refused: {faults} fault{plural}{more}")?;
            }
        }
        self.not_checked(schema)
    }

    fn not_checked(&mut self, schema: &CheckedSchema<'_>) -> io::Result<()> {
        for construct in schema.not_checked {
            writeln!(self.out, "{}: not checked: {}", clean(schema.name), shown(construct))?;
        }
        Ok(())
    }
}

fn meaning(status: Acceptance) -> &'static str {
    match status {
        Acceptance::Accepted => "every schema was checked and is in order",
        Acceptance::Deviations => "faults were found",
        status => status.meaning(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{ByteOffset, Place};
    use crate::xsd::Rule;
    use serde_json::{Value, json};

    fn fault() -> (SchemaFault, Surroundings) {
        let fault = SchemaFault {
            document: "b.xsd".into(),
            place: Place { byte: ByteOffset(40), line: 3, column: 5 },
            rule: Rule::Root,
            sentence: "wrong \x1b[31m".to_owned(),
        };
        let excerpt = Excerpt { text: "<a b='c'>".to_owned(), caret: 3, width: 5 };
        (fault, Surroundings { component: "element `a`".to_owned(), excerpt })
    }

    /// Two schemas, one of them with `faults` faults; the other could not be read.
    fn report(form: SchemaForm, faults: usize, not_checked: &[String]) -> (String, Acceptance) {
        let mut out = Vec::new();
        let mut report = SchemaReport::new(&mut out, form, 2);
        report.begin().expect("memory");
        let faults = vec![fault(); faults];
        let size = faults.is_empty().then_some((2, 1));
        let checked =
            CheckedSchema { name: "a.xsd", size, faults: &faults, more: faults.len() / 101, not_checked };
        report.checked(&checked).expect("memory");
        let status = report.finish().expect("memory");
        (String::from_utf8(out).expect("text"), status)
    }

    #[test]
    fn people_see_component_and_source() {
        let (text, status) = report(SchemaForm::Text(Paint::Plain), 1, &[]);
        assert_eq!(
            text,
            "b.xsd:3:5: error: wrong \\u{1b}[31m [s4s-root]\n    in element `a`\n    | <a b='c'>\n    |    ^^^^^\n\
             a.xsd: refused: 1 fault\n"
        );
        assert_eq!(status, Acceptance::Deviations);
    }

    #[test]
    fn faults_shown_max() {
        let count = |faults| {
            let (text, _) = report(SchemaForm::Text(Paint::Plain), faults, &[]);
            (text.matches("error:").count(), text.lines().last().expect("a line").to_owned())
        };
        assert_eq!(count(FAULTS_SHOWN_MAX), (FAULTS_SHOWN_MAX, "a.xsd: refused: 100 faults".to_owned()));
        let more = "a.xsd: refused: 102 faults, 2 of them not shown".to_owned();
        assert_eq!(count(FAULTS_SHOWN_MAX + 1), (FAULTS_SHOWN_MAX, more));
        assert_eq!(report(SchemaForm::Lines, FAULTS_SHOWN_MAX + 1, &[]).0.lines().count(), 101);
    }

    #[test]
    fn a_line_is_a_fault() {
        let (text, _) = report(SchemaForm::Lines, 1, &[]);
        assert_eq!(text, "b.xsd:3:5: error: wrong \\u{1b}[31m [s4s-root] [element `a`]\n");
    }

    #[test]
    fn what_is_not_checked_is_told() {
        let open = ["`xs:assert`".to_owned()];
        let (text, status) = report(SchemaForm::Text(Paint::Plain), 0, &open);
        assert_eq!(text, "a.xsd: compiles: 2 elements, 1 type\na.xsd: not checked: `xs:assert`\n");
        assert_eq!(status, Acceptance::NotFullyChecked);
        assert_eq!(report(SchemaForm::Lines, 0, &open).0, "a.xsd: not checked: `xs:assert`\n");
    }

    #[test]
    fn programs_get_every_field() {
        let (text, _) = report(SchemaForm::Json, 1, &[]);
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!((&lines[0]["type"], &lines[0]["schemas"]), (&json!("check_started"), &json!(2)));
        assert_eq!(
            lines[1],
            json!({
                "version": 1, "type": "schema_fault", "schema": "a.xsd", "document": "b.xsd", "line": 3,
                "column": 5, "byte": 40, "code": "s4s-root", "sentence": "wrong \u{1b}[31m",
                "component": "element `a`", "excerpt": {"text": "<a b='c'>", "caret": 3, "width": 5},
            })
        );
        assert_eq!(
            lines[2],
            json!({
                "version": 1, "type": "schema_end", "schema": "a.xsd", "elements": null, "types": null,
                "faults": 1, "faults_told": 1, "not_checked": [], "exit_status": 1,
            })
        );
        assert_eq!(
            lines[3],
            json!({
                "version": 1, "type": "check_summary", "schemas": 2, "refused": 1, "failed": 0, "faults": 1,
                "exit_status": 1, "meaning": "faults were found",
            })
        );
    }
}
