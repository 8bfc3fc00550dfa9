//! Whether a run can be taken back, and until when.

use super::super::language::Language;
use super::super::visit::Viewer;
use crate::access::Scope;
use crate::serve::run::{Run, is_final};

/// Whether there is something to take back, and whoever looks may.
pub(super) fn may_roll_back(viewer: &Viewer, run: &Run) -> bool {
    let changed = run.counts.as_ref().map_or(0, |counts| counts.inserted + counts.updated + counts.withdrawn);
    let is_done = is_final(&run.state) && run.command != "check" && run.rolled_back_by.is_none();
    is_done && changed > 0 && viewer.may(Scope::Operate) && viewer.caller.sees_all().is_ok()
}

/// Until when a run can be rolled back: for so many runs is kept what was before them.
pub(super) fn roll_back_until(language: Language, followers: Option<u64>, kept_runs: u64) -> Option<String> {
    let more = kept_runs.saturating_sub(followers?).max(1);
    let runs = [["more run has", "more runs have"], ["weiterer Lauf", "weitere Läufe"]];
    let (told, kept) = (language.counted(more, runs), language.grouped(kept_runs));
    Some(match (language, more) {
        (Language::English, _) => {
            format!("It can be until {told} changed something: this is kept for the last {kept} runs.")
        }
        (Language::German, 1) => format!(
            "Das geht, bis {told} etwas geändert hat: Aufbewahrt wird der Stand davor für die letzten {kept} Läufe."
        ),
        (Language::German, _) => format!(
            "Das geht, bis {told} etwas geändert haben: Aufbewahrt wird der Stand davor für die letzten {kept} Läufe."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_until_when_a_run_can_be_rolled_back() {
        let of = |followers| roll_back_until(Language::English, followers, 10);
        let told = "It can be until 3 more runs have changed something: this is kept for the last 10 runs.";
        assert_eq!(of(Some(7)).as_deref(), Some(told));
        assert!(of(Some(9)).is_some_and(|told| told.contains("1 more run has changed")));
        assert_eq!(of(None), None);
    }
}
