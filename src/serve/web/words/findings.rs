//! Findings of a run.

words! {
    /// What the screen says.
    FindingsWords {
        title: "Findings", "Befunde";
        run: "Run", "Lauf";
        inbox: "Inbox", "Eingang";
        search: "Search", "Suche";
        search_hint: "Record, GTIN, ISMN, edition number, title or value",
            "Satzreferenz, GTIN, ISMN, Bestellnummer, Titel oder Wert";
        search_scope: "Only the records that are kept as samples are searched.",
            "Durchsucht werden nur die Datensätze, die als Beispiele aufbewahrt sind.";
        not_sample: "Not among the samples. Look for this record reference in the quarantine",
            "Nicht unter den Beispielen. Diese Satzreferenz in der Quarantäne suchen";
        right: "All records of this run are right.", "Alle Datensätze dieses Laufs stimmen.";
        severity: "Severity", "Schwere";
        code: "Rule", "Regel";
        source: "Source", "Absender";
        any: "any", "alle";
        show: "Show", "Zeigen";
        all: "All findings", "Alle Befunde";
        none: "Nothing was found.", "Es wurde nichts gefunden.";
        none_fits: "No finding fits.", "Kein Befund passt.";
        new: "new", "neu";
        since: "ongoing since run", "besteht seit Lauf";
        gone: "Gone since run", "Weggefallen seit Lauf";
        gone_hint: "The run before had these, and this one has them no more.",
            "Der Lauf davor hatte sie, dieser nicht mehr.";
        samples: "Samples", "Beispiele";
        record: "Record", "Datensatz";
        line: "line", "Zeile";
        whole_feed: "the whole feed", "die ganze Lieferung";
        meaning: "What this means, and what to do", "Was das heißt und was zu tun ist";
        more: "More findings", "Weitere Befunde";
        first: "First findings", "Erste Befunde";
    }
}
