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
        superseded: "sent again", "neu geliefert";
        discarded: "discarded", "verworfen";
        source: "Source or file", "Absender oder Datei";
        field: "Element or attribute", "Element oder Attribut";
        code: "Kind of fault", "Art des Fehlers";
        by_source: "By source", "Nach Absender";
        by_kind: "By kind of fault", "Nach Art des Fehlers";
        by_kind_hint: "All of one kind can be checked again together, once a rule or a schema has changed.",
            "Alle einer Art lassen sich gemeinsam erneut prüfen, wenn sich eine Regel oder ein Schema geändert hat.";
        one_by_one: "One by one", "Einzeln";
        whole_key: "Record", "Datensatz";
        key: "Record", "Datensatz";
        run: "Run", "Lauf";
        show: "Show", "Zeigen";
        all: "Reset the filter", "Filter zurücksetzen";
        none: "Nothing waits here: no record is refused.", "Hier wartet nichts: Es ist kein Datensatz abgewiesen.";
        none_fits: "No record fits.", "Kein Datensatz passt.";
        none_replayed: "No record was imported from here.", "Es wurde kein Datensatz von hier importiert.";
        none_superseded: "No record was sent again, and right.", "Kein Datensatz wurde richtig neu geliefert.";
        none_discarded: "No record was discarded.", "Es wurde kein Datensatz verworfen.";
        fault: "Why it was refused", "Warum abgewiesen";
        feed: "Source and feed", "Absender und Lieferung";
        since: "Since", "Seit";
        refused_at: "Refused", "Abgewiesen";
        line: "line", "Zeile";
        keyless: "without a key", "ohne Schlüssel";
        older: "Further records", "Weitere Datensätze";
        first: "First records", "Erste Datensätze";
        again: "Check again, and import what is right", "Erneut prüfen und importieren, was stimmt";
        again_hint: "By the schema and the rules as they are now; at most 100 at a time.",
            "Nach Schema und Regeln, wie sie jetzt sind; höchstens 100 auf einmal.";
        none_right: "None of them is right by the rules as they are now; that stays so until the schema or a rule \
             changes.",
            "Nach den Regeln, wie sie jetzt sind, stimmt keiner; das bleibt so, bis sich Schema oder Regeln ändern.";
        some_right: "The others are still wrong by the rules as they are now.",
            "Die übrigen sind nach den Regeln, wie sie jetzt sind, noch falsch.";
        reason: "Reason", "Grund";
        optional: "optional, written down", "freiwillig, wird festgehalten";
        go_on: "Go on", "Weiter prüfen und importieren";
        all_seen: "All of them have been judged.", "Alle sind geprüft.";
    }
}
