//! What the report says.

words! {
    /// What stands around findings.
    ReportWords {
        checks: "Checks", "Prüfungen";
        feeds_by_check: "Feeds by how each check went", "Lieferungen nach dem Ergebnis jeder Prüfung";
        documents_by_check: "Documents by how each check went", "Dokumente nach dem Ergebnis jeder Prüfung";
        check: "check", "Prüfung";
        passed: "passed", "bestanden";
        failed: "failed", "Fehler";
        partly: "partly", "teilweise";
        skipped: "skipped", "entfallen";
        not_done: "not done", "nicht erfolgt";
        unchecked: "Not checked by the engine", "Nicht geprüft";
        skipped_for: "Skipped", "Entfallen";
        not_done_for: "Not done", "Nicht erfolgt";
        spread: "Where they stand", "Wo sie stehen";
        broken: "Clauses and rules that were broken", "Verletzte Klauseln und Regeln";
        code: "code", "Code";
        number: "number", "Anzahl";
        location: "where", "Wo";
        other_codes: "all other codes", "alle übrigen Codes";
        outside: "outside of records", "außerhalb der Datensätze";
        feeds: "Feeds", "Lieferungen";
        documents: "Documents", "Dokumente";
        feeds_first: "Those with deviations first", "Zuerst die mit Abweichungen";
        feed: "feed", "Lieferung";
        document: "document", "Dokument";
        records: "records", "Datensätze";
        refused: "refused", "abgewiesen";
        would_be_refused: "would be refused", "würden abgewiesen";
        deviations: "deviations", "Abweichungen";
        verdict: "verdict", "Ergebnis";
        found: "What was found", "Was gefunden wurde";
        search: "search: a record, a code, a path, a value", "Suche: Datensatz, Code, Pfad, Wert";
        kinds_shown: "kinds shown", "Arten gezeigt";
        cut: "not all of it is on this page, the report in JSON has each",
            "nicht alles steht auf dieser Seite, der JSON-Bericht enthält jeden";
        meaning: "What this means, and what to do", "Was das heißt und was zu tun ist";
        clause: "The clause in the Recommendation", "Die Klausel im Standard";
        record: "Record", "Datensatz";
        record_number: "Record number", "Datensatz Nummer";
        line: "line", "Zeile";
        column: "column", "Spalte";
        trace: "trace", "Ablaufspur (Trace)";
        trace_of_run: "trace of this run", "Ablaufspur (Trace) dieses Laufs";
        exit_status: "exit status", "Exit-Status";
        started: "started", "begonnen";
        run: "run", "Lauf";
        dry_run: "A dry run: nothing was written.", "Ein Probelauf: Es wurde nichts geschrieben.";
        unread: "not readable", "nicht lesbar";
        imported: "imported", "importiert";
        unchanged: "unchanged", "unverändert";
        withdrawn: "withdrawn", "zurückgezogen";
        stale: "older, passed over", "älter, übergangen";
        quarantined: "in quarantine", "in Quarantäne";
        known: "feeds imported before", "Lieferungen schon importiert";
        recognised: "of them recognised, not read again", "davon erkannt, nicht neu gelesen";
        accepted: "accepted", "angenommen";
        all_accepted: "everything was checked and accepted", "alles geprüft und angenommen";
        with_deviations: "deviations at error severity", "Abweichungen mit Schwere Fehler";
        could_not: "could not do all of it", "nicht alles ließ sich erledigen";
        is_held: "held for approval", "zur Freigabe angehalten";
        not_fully_checked: "not fully checked", "nicht vollständig geprüft";
        cancelled: "cancelled by a signal before the end", "vor dem Ende durch ein Signal abgebrochen";
        feed_accepted: "accepted", "angenommen";
        feed_deviations: "deviations", "Abweichungen";
        feed_unread: "could not be read", "konnte nicht gelesen werden";
        feed_cancelled: "cancelled", "abgebrochen";
        notice: "notice", "Hinweis";
        warning: "warning", "Warnung";
        error: "error", "Fehler";
        fatal: "fatal", "schwerer Fehler";
    }
}
