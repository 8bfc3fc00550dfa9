//! The quarantine.

words! {
    /// What the screen says.
    QuarantineWords {
        title: "Quarantine", "Quarantäne";
        about: "Refused records. Each waits until it is mended, discarded, or sent again and right.",
            "Abgewiesene Datensätze. Jeder wartet, bis er berichtigt oder verworfen ist oder richtig neu \
             geliefert wird.";
        state: "State", "Stand";
        any: "any", "alle";
        open: "waiting", "wartend";
        replayed: "imported", "importiert";
        superseded: "sent again, and right", "richtig neu geliefert";
        discarded: "discarded", "verworfen";
        source: "Source", "Absender";
        code: "Rule", "Regel";
        key: "Record", "Datensatz";
        run: "Run", "Lauf";
        show: "Show", "Zeigen";
        all: "All that wait", "Alle wartenden";
        none: "Nothing waits here: no record is refused.", "Hier wartet nichts: Es ist kein Datensatz abgewiesen.";
        none_fits: "No record fits.", "Kein Datensatz passt.";
        fault: "Why it was refused", "Warum abgewiesen";
        feed: "Feed", "Lieferung";
        since: "Since", "Seit";
        line: "line", "Zeile";
        keyless: "without a key", "ohne Schlüssel";
        older: "Further records", "Weitere Datensätze";
        first: "First records", "Erste Datensätze";
        again: "Check again, and import what is right", "Erneut prüfen und importieren, was stimmt";
        again_hint: "By the schema and the rules as they are now. What is right is imported.",
            "Nach Schema und Regeln, wie sie jetzt sind. Was stimmt, wird importiert.";
        reason: "Reason", "Grund";
        optional: "optional, written down", "freiwillig, wird festgehalten";
        go_on: "Go on", "Weiter";
        all_seen: "All of them have been judged.", "Alle sind geprüft.";
        no_entry: "this run has put no such record into quarantine; a run that only checks puts none there",
            "dieser Lauf hat keinen solchen Datensatz in Quarantäne gelegt; ein Lauf, der nur prüft, legt dort \
             nichts ab";
    }
}
