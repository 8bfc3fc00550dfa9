//! Links to refused records, and what they show.

words! {
    /// What the form, the list and the page say.
    SharedWords {
        make: "Make a link for the sender", "Link für den Absender erstellen";
        make_about: "Whoever has the link sees this record and its faults, and nothing else, without signing in.",
            "Wer den Link hat, sieht diesen Datensatz und seine Fehler, sonst nichts, ohne Anmeldung.";
        days: "Valid for", "Gültig für";
        days_unit: "days", "Tage";
        links: "Links to records", "Links zu Datensätzen";
        links_about: "They can be followed without signing in.", "Sie lassen sich ohne Anmeldung aufrufen.";
        entry: "Entry", "Eintrag";
        by: "made by", "von";
        counts_until: "valid until", "gültig bis";
        revoke: "Revoke", "Widerrufen";
        made: "This is the link", "Das ist der Link";
        made_about: "Copy it now and send it: it is shown only once.",
            "Jetzt kopieren und senden: Er wird nur einmal gezeigt.";
        address: "Link for the sender", "Link für den Absender";
        copy: "Copy", "Kopieren";
        copied: "Copied", "Kopiert";
        back: "Back to the record", "Zurück zum Datensatz";
        look: "See what the sender sees", "Ansehen, was der Absender sieht";
        quarantine: "Quarantine", "Quarantäne";
        headline_one: "This record was refused", "Dieser Datensatz wurde abgewiesen";
        headline_done: "This record was refused, and is settled by now",
            "Dieser Datensatz wurde abgewiesen und ist inzwischen erledigt";
        no_key: "Record without a key", "Datensatz ohne Schlüssel";
        source: "Source", "Absender";
        feed: "Feed", "Lieferung";
        place: "Line", "Zeile";
        format: "Format", "Format";
        faults: "What is wrong", "Was nicht stimmt";
        record: "The record", "Der Datensatz";
        valid: "This link is valid until", "Dieser Link gilt bis";
        mend: "Please correct it and send it with your next feed.",
            "Bitte berichtigen und mit der nächsten Lieferung senden.";
    }
}
