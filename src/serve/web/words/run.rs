//! A run.

words! {
    /// What the screen says.
    RunWords {
        run: "Run", "Lauf";
        entry: "Entry", "Eintrag";
        judged: "Records of the quarantine", "Datensätze der Quarantäne";
        mended: "with corrections", "mit Berichtigung";
        by: "by", "von";
        sent_by: "Sent by", "Gesendet von";
        cancelled_by: "Cancelled by", "Abgebrochen von";
        rolled_back_by: "Rolled back by", "Zurückgenommen von";
        same: "Nothing was done now.", "Jetzt ist nichts geschehen.";
        same_at: "The same file was sent before, and this is what became of it. Sent:",
            "Dieselbe Datei wurde schon einmal gesendet, und das ist daraus geworden. Gesendet:";
        waits_for: "It waits for another import of the same source:",
            "Er wartet auf einen anderen Import desselben Absenders:";
        steps: "Steps", "Schritte";
        received: "Received", "Empfangen";
        read: "Read", "Gelesen";
        checked: "Checked", "Geprüft";
        applied: "Applied", "Übernommen";
        not_applied: "Only checked: the shop stays as it is.", "Nur geprüft: Der Shop bleibt, wie er ist.";
        nothing_applied: "Nothing was applied.", "Es wurde nichts übernommen.";
        to_come: "not yet", "noch nicht";
        no_findings: "Nothing was found.", "Es wurde nichts gefunden.";
        found: "What was found", "Was gefunden wurde";
        counts: "In numbers", "In Zahlen";
        record: "record", "Datensatz";
        records: "records", "Datensätze";
        refused: "refused", "abgewiesen";
        would_be_refused: "would be refused", "würden abgewiesen";
        one_would_be_refused: "would be refused", "würde abgewiesen";
        inserted: "new", "neu";
        updated: "changed", "geändert";
        would_be_inserted: "would be new", "kämen neu hinzu";
        would_be_updated: "would be changed", "würden geändert";
        would_be_withdrawn: "would be withdrawn", "würden zurückgezogen";
        unchanged: "as before", "unverändert";
        withdrawn: "withdrawn", "zurückgezogen";
        stale: "older than known", "älter als bekannt";
        error: "error", "Fehler";
        errors: "errors", "Fehler";
        warning: "warning", "Warnung";
        warnings: "warnings", "Warnungen";
        notice: "notice", "Hinweis";
        notices: "notices", "Hinweise";
        fatal: "fatal error", "schwerer Fehler";
        fatals: "fatal errors", "schwere Fehler";
        in_quarantine: "Its refused records in quarantine", "Ihre abgewiesenen Datensätze in Quarantäne";
        broken: "The shop is as it was.", "Der Shop ist, wie er war.";
        ask_again: "Ask the sender to mend the feed, and to send it again.",
            "Bitten Sie den Absender, die Lieferung zu berichtigen und noch einmal zu schicken.";
        unchecked_by_command: "Which parts were not checked stands in the report of the command that did it.",
            "Welche Teile nicht geprüft wurden, steht im Bericht des Befehls, der den Lauf gestartet hat.";
        all_the_same: "What is right was imported all the same", "Was stimmt, wurde trotzdem importiert";
        parts: "not checked", "nicht geprüft";
        not_released: "Not released: the feed would do something else by now than what was seen",
            "Nicht freigegeben: Die Lieferung würde inzwischen etwas anderes bewirken, als gesehen wurde";
        undo: "Undo", "Rückgängig machen";
        undo_gone: "It can no longer be rolled back: what was there before it is not kept any more.",
            "Er lässt sich nicht mehr zurücknehmen: Der Stand davor ist nicht mehr aufbewahrt.";
        undo_about: "Every product that this run has changed can be put back as it was before.",
            "Jedes Produkt, das dieser Lauf geändert hat, lässt sich auf den Stand davor zurücksetzen.";
        no_reports_by_command: "None: this run was started by a command, which writes its own.",
            "Keine: Dieser Lauf wurde per Befehl gestartet, der seine Berichte selbst schreibt.";
        checks: "What was checked", "Was geprüft wurde";
        well_formed: "Well-formed XML", "Wohlgeformtes XML";
        schema: "Schema", "Schema";
        rules: "Rules", "Regeln";
        passed: "passed", "bestanden";
        failed: "errors found", "Fehler gefunden";
        partial: "not all of it", "nicht vollständig";
        skipped: "nothing to check", "nichts zu prüfen";
        not_done: "not done", "nicht durchgeführt";
        feeds: "Feeds", "Lieferungen";
        cancel: "Cancel this run", "Diesen Lauf abbrechen";
        check_again: "Check again", "Erneut prüfen";
        check_again_hint: "By the schema and the rules as they are now; nothing is imported.",
            "Nach Schema und Regeln, wie sie jetzt sind; importiert wird nichts.";
        cancel_hint: "If it is not applied yet, nothing of it is imported.",
            "Ist noch nichts übernommen, wird nichts davon importiert.";
        reports: "Reports", "Berichte";
        no_reports: "They are written at its end.", "Sie werden am Ende geschrieben.";
        held_feed: "See what it would do", "Ansehen, was sie täte";
        held_before: "Not lost, but held: message", "Nicht verloren, sondern angehalten: Nachricht";
        held_then: "See what was decided", "Entscheidung ansehen";
        not_kept: "What is wrong with its records stands here only: nothing of a feed that is refused as a whole is \
                   kept in quarantine.",
            "Was an ihren Datensätzen falsch ist, steht nur hier: Von einer als Ganzes abgewiesenen Lieferung kommt \
             nichts in Quarantäne.";
        roll_back: "Roll this run back", "Diesen Lauf zurücknehmen";
        trace: "Trace", "Ablaufspur (Trace)";
        why: "Why", "Warum";
        reason: "Reason", "Begründung";
        cancelled: "The shop is as it was. What was found until then is not kept.",
            "Der Shop ist, wie er war. Was bis dahin gefunden wurde, ist nicht aufbewahrt.";
        report_page: "Page to keep or send on (HTML)", "Seite zum Aufbewahren oder Weitergeben (HTML)";
        report_text: "Text (English)", "Text (englisch)";
        for_programs: "For programs:", "Für Programme:";
        rolled_back: "It was rolled back by run", "Zurückgenommen durch Lauf";
        details: "Details", "Einzelheiten";
        sent: "Sent", "Gesendet";
        began: "Began", "Begonnen";
        ended: "Ended", "Beendet";
        lasted: "Took", "Dauer";
        mode: "Mode", "Auftrag";
        mode_check: "check only", "nur prüfen";
        mode_import: "import", "importieren";
        mode_again: "check again", "erneut prüfen";
        mode_rollback: "rollback", "Rücknahme";
        source: "Source", "Absender";
        format: "Format", "Format";
        digest: "SHA-256", "SHA-256";
        attempt: "Attempt", "Versuch";
        inbox: "Inbox", "Eingang";
    }
}
