//! Sources: the list, each with its rhythm, and two of its versions beside each other.

words! {
    /// What these screens say.
    SourceWords {
        title: "Sources", "Absender";
        none: "Nobody has sent anything yet. A source is there as soon as a feed of it was imported.",
            "Noch hat niemand etwas gesendet. Ein Absender ist da, sobald eine Lieferung von ihm importiert wurde.";
        source: "Source", "Absender";
        last_good: "Last import", "Letzter Import";
        never: "never", "noch nie";
        products: "Products", "Produkte";
        records: "Records", "Datensätze";
        refused: "Refused", "Abgewiesen";
        its_records: "Records (last import)", "Datensätze (letzter Import)";
        its_refused: "Refused (last import)", "Abgewiesen (letzter Import)";
        standing: "State", "Stand";
        is_held: "held", "angehalten";
        is_late: "late", "verspätet";
        brought_nothing: "last feed not imported", "letzte Lieferung nicht importiert";
        imported: "imported", "importiert";
        turned_down: "refused", "abgewiesen";
        waiting: "In quarantine", "In Quarantäne";
        held: "Held", "Angehalten";
        name: "Name, or a part of it", "Name oder ein Teil davon";
        show: "Show", "Zeigen";
        all: "All sources", "Alle Absender";
        none_fits: "No source fits.", "Kein Absender passt.";
        rest: "Those behind these in the alphabet", "Die im Alphabet danach";
        more: "More sources", "Weitere Absender";
        first: "From the beginning", "Von vorn";
        rhythm: "Rhythm", "Rhythmus";
        usual: "Usual time between feeds", "Übliche Zeit zwischen Lieferungen";
        late_after: "Late from", "Verspätet ab";
        late_rule: "Half as much again as the usual time; feeds that come together count as one.",
            "Das Anderthalbfache der üblichen Zeit; was zusammen kommt, zählt als eine.";
        silent_days: "Days of the week on which none comes do not count.",
            "Wochentage, an denen keine kommt, zählen nicht.";
        volume: "Records of the last feeds", "Datensätze der letzten Lieferungen";
        run: "Run", "Lauf";
        state: "What became of it", "Was daraus wurde";
        when: "When", "Wann";
        guard: "Limits for feeds of this source", "Grenzen für Lieferungen dieses Absenders";
        guard_about: "A feed of this source that would do more is held. Settings of a source or format go \
             before the general ones.",
            "Eine Lieferung, die mehr ändern würde, wird angehalten. Einstellungen für Absender oder Format gehen den \
             allgemeinen vor.";
        setting: "Setting", "Einstellung";
        allowed: "Allowed", "Erlaubt";
        what: "What", "Was";
        may_withdraw: "products withdrawn", "zurückgezogene Produkte";
        may_unavailable: "products made unavailable", "nicht mehr lieferbare Produkte";
        may_price: "products with another price", "Produkte mit anderem Preis";
        may_jump: "products whose price jumps", "Produkte mit Preissprung";
        factor: "a price jumps when it is so many times higher or lower",
            "ein Sprung ist ein so viel mal höherer oder niedrigerer Preis";
        may_refused: "records refused", "abgewiesene Datensätze";
        may_update: "products changed", "geänderte Produkte";
        may_create: "products added", "neue Produkte";
        may_title: "products that get the same title", "Produkte, die denselben Titel bekommen";
        may_shrink: "smallest feed, of the usual size", "kleinste Lieferung, gemessen an der üblichen";
        may_grow: "largest feed, of the usual size", "größte Lieferung, gemessen an der üblichen";
        quarantine: "Records in quarantine", "Datensätze in Quarantäne";
        quarantine_all: "All its records in quarantine", "Alle Datensätze dieses Absenders in Quarantäne";
        no_quarantine: "None waits.", "Es wartet keiner.";
        code: "Kind of fault", "Art des Fehlers";
        held_feeds: "Held feeds", "Angehaltene Lieferungen";
        no_held: "None waits.", "Keine wartet.";
        nobody: "Feeds whose source could not be read", "Lieferungen, deren Absender nicht zu lesen war";
        nobody_about: "They belong to no source: each run says what is wrong with it.",
            "Sie gehören zu keinem Absender: Jeder Lauf sagt, woran es lag.";
        drift: "What changed in its feeds", "Was sich in den Lieferungen geändert hat";
        no_drift: "Nothing that is not as before.", "Nichts, was anders wäre als bisher.";
        too_early: "What is unusual is told once enough is known.",
            "Was ungewöhnlich ist, wird gesagt, sobald genug bekannt ist.";
        seen_in: "Last seen in", "Zuletzt gesehen in";
        first_record: "First record", "Erster Datensatz";
        line: "line", "Zeile";
        expected: "Expected", "Erwartet";
        expected_hint: "From now on only feeds from the last import on say what is usual there.",
            "Was dort üblich ist, sagen künftig nur Lieferungen ab dem letzten Import.";
        is_expected: "Expected, said", "Erwartet, sagte";
        reason: "Why?", "Warum?";
        reason_hint: "Is written down.", "Wird festgehalten.";
        tell: "Tell the sender", "Dem Absender sagen";
        letter: "Text for the sender", "Text für den Absender";
        rule: "Make it a rule", "Zur Regel machen";
        rule_hint: "In the settings, so that a feed in which it changes is held. Whoever runs this service puts it \
             there.",
            "In die Einstellungen, damit eine Lieferung angehalten wird, in der es sich ändert. Das trägt ein, wer \
             diesen Dienst betreibt.";
        settings: "Settings", "Einstellungen";
        copy: "Copy", "Kopieren";
        copied: "Copied", "Kopiert";
        expiry: "What expires", "Was abläuft";
        expiry_about: "As it was when last looked at.", "Stand der letzten Prüfung.";
        expiry_failed: "The inventory of what expires cannot be used, so nothing is known: `feedgate expiry check` \
             says why.",
            "Das Verzeichnis dessen, was abläuft, lässt sich nicht verwenden, der Stand ist daher unbekannt: \
             „feedgate expiry check“ sagt, woran es liegt.";
        thing: "Thing", "Gegenstand";
        owner: "Owner", "Zuständig";
        until: "Until", "Bis";
        versions: "Kept versions", "Aufbewahrte Fassungen";
        versions_about: "Choose an earlier and a later one to see what changed, record by record.",
            "Eine frühere und eine spätere wählen, um zu sehen, was sich geändert hat, Datensatz für Datensatz.";
        too_few_versions: "Two are needed to compare.", "Zum Vergleichen braucht es zwei.";
        feed: "Feed", "Lieferung";
        all_feeds: "Feed by feed", "Als Tabelle";
        old: "Earlier", "Früher";
        new: "Later", "Später";
        same_version: "it is the same feed as the earlier one: choose two different feeds",
            "es ist dieselbe Lieferung wie die frühere: zwei verschiedene wählen";
        compare: "Compare", "Vergleichen";
        rolled_back: "rolled back", "zurückgenommen";
        runs: "All runs of this source", "Alle Läufe dieses Absenders";
    }
}
