//! The inbox.

words! {
    /// What the screen says.
    InboxWords {
        title: "Inbox", "Eingang";
        drop: "Drop a feed here, or choose one", "Lieferung hier ablegen oder auswählen";
        kinds: ".xml, also packed as .gz, .zst or .zip", ".xml, auch gepackt als .gz, .zst oder .zip";
        several: "One feed at a time: # were dropped, and none was taken.",
            "Nur eine Lieferung auf einmal: # wurden abgelegt, keine wurde übernommen.";
        what: "What to do with it", "Was damit geschehen soll";
        only_check: "Only check", "Nur prüfen";
        only_check_hint: "nothing is written to the shop", "im Shop ändert sich nichts";
        import: "Import", "Importieren";
        import_hint: "what is right is written to the shop", "was stimmt, kommt in den Shop";
        send: "Send", "Senden";
        sending: "Sending …", "Wird gesendet …";
        sent: "Sent, as run", "Gesendet, als Lauf";
        sent_hint: "Your token may send feeds, and not see what becomes of them.",
            "Ihr Zugangsschlüssel darf Lieferungen senden, aber nicht sehen, was daraus wird.";
        more: "Source and format", "Absender und Format";
        source: "Source", "Absender";
        source_hint: "Left empty, the header of the feed says it. A name that is not known yet begins a new source.",
            "Bleibt es leer, gilt der Kopf der Lieferung. Mit einem Namen, den es noch nicht gibt, beginnt ein neuer \
             Absender.";
        format: "Format", "Format";
        by_itself: "recognised by itself", "wird erkannt";
        waits: "What waits for you", "Was auf Sie wartet";
        nothing_waits: "Nothing waits: no held feeds, no late sources, no refused records.",
            "Nichts: keine angehaltenen Lieferungen, keine verspäteten Absender, keine abgewiesenen Datensätze.";
        runs: "Runs", "Läufe";
        state: "State", "Stand";
        any: "any", "alle";
        show: "Show", "Zeigen";
        all_runs: "All runs", "Alle Läufe";
        when: "When (UTC)", "Wann (UTC)";
        new_kinds: "New kinds", "Neue Arten";
        new_kinds_hint: "Kinds of findings that the run of the source before had not",
            "Arten von Befunden, die der vorige Lauf des Absenders nicht hatte";
        by: "by", "von";
        feed: "Feed", "Lieferung";
        verdict: "Verdict", "Ergebnis";
        records: "Records", "Datensätze";
        refused: "Refused", "Abgewiesen";
        would_be_refused: "Would be refused", "Würden abgewiesen";
        older: "Older runs", "Ältere Läufe";
        newest: "Newest runs", "Neueste Läufe";
        no_runs: "There are no runs yet. Send a feed above: it is only checked unless you say otherwise.",
            "Noch keine Läufe. Senden Sie oben eine Lieferung: Sie wird nur geprüft, wenn Sie nichts anderes wählen.";
        none_fits: "No run fits.", "Kein Lauf passt.";
        checked_only: "checked only", "nur geprüft";
        nameless: "Run", "Lauf";
        quarantine: "Quarantine", "Quarantäne";
    }
}
