//! What stands beside a record: who decided what about it, what was changed, and where to go from it.

use super::super::language::Language;
use super::super::moment::Moment;
use super::super::quarantine::{field_of, kind_address};
use super::super::visit::Viewer;
use super::super::who::who;
use super::super::words::RecordWords;
use crate::access::Scope;
use crate::serve::problem::Problem;
use crate::serve::runs;
use crate::serve::service::Service;
use crate::store::{AuditView, QuarantineEntry, QuarantineFilter, QuarantineState};
use jiff::Timestamp;

/// Entries of the same record that are looked at.
const LATER_MAX: u32 = 100;
const ALIKE: [[&str; 2]; 2] = [
    ["record like it waits", "records like it wait"],
    ["weiterer Datensatz dieser Art wartet", "weitere Datensätze dieser Art warten"],
];
/// Decisions about an entry that are told.
const DECISIONS_MAX: u32 = 10;

/// Where to go from a record.
#[derive(Default)]
pub(super) struct Onward {
    /// The next refused record of the source.
    pub(super) next: Option<i64>,
    /// Where those with the same fault are, and how many.
    pub(super) alike: Option<(String, String)>,
    /// The record was refused again later: the entry.
    pub(super) later: Option<i64>,
}

/// Who decided something, and why.
pub(super) struct Decided {
    pub(super) who: String,
    pub(super) what: &'static str,
    pub(super) is_import: bool,
    pub(super) at: Option<Moment>,
    pub(super) reason: Option<String>,
}

pub(super) async fn decisions(
    service: &Service,
    viewer: &Viewer,
    now: Timestamp,
    id: i64,
) -> Result<Vec<Decided>, Problem> {
    // As `/v1/audit` tells them.
    if !viewer.may(Scope::Operate) || viewer.caller.sees_all().is_err() {
        return Ok(Vec::new());
    }
    let found = service.store.audit_of_entry(id, DECISIONS_MAX).await?;
    Ok(found.into_iter().map(|row| Decided::of(viewer.visit.language, now, row)).collect())
}

/// Where to go from an entry: while it waits to the next one, then to those like it as well.
pub(super) async fn onward(
    service: &Service,
    viewer: &Viewer,
    entry: &QuarantineEntry,
) -> Result<Onward, Problem> {
    if !viewer.may(Scope::Read) {
        return Ok(Onward::default());
    }
    let (language, visible_source) = (viewer.visit.language, viewer.caller.0.source());
    let of_source =
        QuarantineFilter { source: Some(&entry.source), visible_source, ..QuarantineFilter::default() };
    let open = QuarantineFilter { state: Some(QuarantineState::Open), ..of_source };
    let (behind, all) = (QuarantineFilter { after: Some(entry.id), ..open }, open);
    let mut next = service.store.quarantine(behind, 1).await?;
    if next.is_empty() {
        next = service.store.quarantine(all, 1).await?;
    }
    let next = next.first().map(|next| next.id).filter(|next| *next != entry.id);
    if entry.state == QuarantineState::Open {
        return Ok(Onward { next, ..Onward::default() });
    }
    let first = entry.findings.first();
    let code = first.map(|finding| finding.code.as_str());
    let field = first.map(|finding| field_of(&finding.path)).filter(|field| !field.is_empty());
    let count = match code {
        Some(_) => service.store.quarantine_count(QuarantineFilter { code, field, ..open }).await?,
        None => 0,
    };
    let group = || kind_address(&entry.source, code.unwrap_or_default(), field.unwrap_or_default());
    let later = match entry.reference.as_deref() {
        Some(key) => {
            let again = QuarantineFilter { reference: Some(key), after: Some(entry.id), ..of_source };
            service.store.quarantine(again, LATER_MAX).await?
        }
        None => Vec::new(),
    };
    let alike = (count > 0).then(|| (group(), language.counted(count, ALIKE)));
    Ok(Onward { next, alike, later: later.last().map(|later| later.id) })
}

/// What was changed, from a unified diff: the lines that went and those that came in their place.
pub(super) fn edits(diff: &str) -> Vec<[Vec<String>; 2]> {
    let mut edits: Vec<[Vec<String>; 2]> = Vec::new();
    let mut is_new = true;
    for line in diff.lines().filter(|line| !line.starts_with("---") && !line.starts_with("+++")) {
        let side = match line.as_bytes().first() {
            Some(b'-') => 0,
            Some(b'+') => 1,
            _ => {
                is_new = true;
                continue;
            }
        };
        if is_new {
            edits.push(Default::default());
        }
        is_new = false;
        edits.last_mut().expect("one was pushed")[side].push(line[1..].trim().to_owned());
    }
    edits
}

/// The trace of the run that refused it, if that is to be seen.
pub(super) async fn trace(service: &Service, viewer: &Viewer, run: i64) -> Option<(String, Option<String>)> {
    let run = runs::one(service, &viewer.caller, run).await.ok()?;
    Some((run.trace_id?, run.trace_url))
}

impl Decided {
    fn of(language: Language, now: Timestamp, row: AuditView) -> Self {
        let words = RecordWords::of(language);
        let what = match row.action.as_str() {
            "quarantine.discard" => words.did_discard,
            _ => words.did_import,
        };
        Self {
            who: who(language, &row.who),
            what,
            is_import: row.action == "quarantine.replay",
            at: Moment::told(language, now, &row.at),
            reason: row.reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_stands_side_by_side() {
        let diff =
            "--- original\n+++ mended\n@@ -1 +1 @@\n <a>\n-  <b>1,5</b>\n+  <b>1.5</b>\n </a>\n+<c/>\n";
        let of = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(edits(diff), [[of(&["<b>1,5</b>"]), of(&["<b>1.5</b>"])], [of(&[]), of(&["<c/>"])]]);
    }
}
