//! A refused record.

words! {
    /// What the screen says.
    RecordWords {
        quarantine: "Quarantine", "Quarantäne";
        entry: "Entry", "Eintrag";
        untitled: "Record without a title", "Datensatz ohne Titel";
        key: "Record reference", "Satzreferenz";
        contributors: "Contributors", "Mitwirkende";
        edition_number: "Edition number", "Bestellnummer";
        price: "Price", "Preis";
        publisher: "Publisher", "Verlag";
        unreadable: "Nothing of the product can be read.", "Vom Produkt ist nichts zu lesen.";
        as_read: "As far as it can be read: what is wrong is left out.", "Soweit lesbar: Was falsch ist, fehlt hier.";
        shop_after: "What importing it would change", "Was ein Import ändern würde";
        shop_none: "The shop does not have it yet: it would be new.", "Der Shop hat es noch nicht: Es käme neu hinzu.";
        shop_keyless: "Without a key nobody knows which product of the shop it is.",
            "Ohne Schlüssel weiß niemand, welches Produkt im Shop das ist.";
        shop_same: "Nothing: the shop has all of it already.", "Nichts: Der Shop hat alles schon so.";
        shop_withdrawn: "The shop has withdrawn it: it would be brought back.",
            "Der Shop hat es zurückgezogen: Es käme zurück.";
        shop_withdraw: "It would be withdrawn.", "Es würde zurückgezogen.";
        shop_ignored: "Nothing: the record asks for nothing.", "Nichts: Der Datensatz verlangt nichts.";
        shop_stays: "The shop stays as it is until it is imported.", "Bis zum Import bleibt der Shop, wie er ist.";
        field: "Field", "Feld";
        now: "now", "jetzt";
        after: "then", "danach";
        nothing: "nothing", "nichts";
        right_since: "right since", "richtig seit";
        anew_since: "brought anew by", "neu geliefert durch";
        faulty: "faulty, see below", "fehlerhaft, siehe unten";
        again: "the same again", "dasselbe noch einmal";
        not_read: "faulty or missing, see below", "fehlerhaft oder fehlt, siehe unten";
        faults: "What is wrong", "Fehler";
        faults_were: "What was wrong", "Was falsch war";
        line: "Line", "Zeile";
        text_line: "Line of the text", "Zeile des Textes";
        copy_path: "Copy path", "Pfad kopieren";
        copy_line: "Copy place", "Stelle kopieren";
        share: "Link for the sender", "Link für den Absender";
        column: "column", "Spalte";
        meaning: "What this means, and what to do", "Was das heißt und was zu tun ist";
        mender: "Who can mend it", "Wer es berichtigen kann";
        xml: "The record", "Der Datensatz";
        lines: "Lines", "Zeilen";
        rest_of: "More of line", "Mehr von Zeile";
        alike: "All like it", "Alle dieser Art";
        copy: "Copy", "Kopieren";
        copied: "Copied", "Kopiert";
        download: "Download it", "Herunterladen";
        download_mended: "Download the corrected one", "Den berichtigten herunterladen";
        not_kept: "Its text was not kept, since it is too large.", "Sein Text wurde nicht aufbewahrt: Er ist zu groß.";
        mend: "Mend it", "Berichtigen";
        mend_hint: "Change what is wrong, check it, import it. The refused record is kept beside it.",
            "Ändern, was falsch ist, prüfen, importieren. Der abgewiesene Datensatz bleibt daneben erhalten.";
        superseded_hint: "The next feed with this record takes the place of what is imported here: tell the \
             sender, too.",
            "Die nächste Lieferung mit diesem Datensatz ersetzt, was hier importiert wird: Sagen Sie es auch dem \
             Absender.";
        unseen: "The record has characters that cannot be seen, or turn the text around. They stand here as \
             references (such as &#x202E;), which say the same:",
            "Der Datensatz hat Zeichen, die unsichtbar sind oder die Schreibrichtung umkehren. Sie stehen hier als \
             Verweise (wie &#x202E;), die dasselbe sagen:";
        empty: "The field is empty: there is nothing to check. Nothing was stored.",
            "Das Feld ist leer: Es gibt nichts zu prüfen. Gespeichert wurde nichts.";
        draft_unreadable: "The text cannot be read as XML, so nobody can say what it would change.",
            "Der Text lässt sich nicht als XML lesen: Was er ändern würde, lässt sich nicht sagen.";
        lossy: "Some bytes are no characters; each is shown as \u{FFFD}. Replace them.",
            "Manche Bytes sind keine Zeichen; jedes steht hier als \u{FFFD}. Bitte ersetzen.";
        text: "Text of the record", "Text des Datensatzes";
        check: "Check", "Prüfen";
        check_hint: "nothing is stored", "es wird nichts gespeichert";
        import: "Import this", "Diesen importieren";
        reason: "Reason", "Grund";
        optional: "optional, written down", "freiwillig; wird protokolliert";
        too_large: "It is too large for a page. Fetch it, correct it, and import it by",
            "Für eine Seite ist er zu groß. Herunterladen, berichtigen und importieren mit";
        discard: "Discard it", "Verwerfen";
        discard_hint: "It is not wanted any more. It stays here, marked as discarded.",
            "Er wird nicht mehr gebraucht. Er bleibt hier stehen, als verworfen vermerkt.";
        may_not: "Your token lets you look at it, but not mend it.",
            "Ihr Zugangsschlüssel darf ihn ansehen, aber nicht berichtigen.";
        changed: "What was changed", "Was geändert wurde";
        decided: "Who decided", "Wer entschieden hat";
        details: "Where it comes from", "Herkunft";
        feed: "Feed", "Lieferung";
        source: "Source", "Absender";
        format: "Format", "Format";
        ordinal: "Number in the feed", "Nummer in der Lieferung";
        refused_first: "Refused first", "Zuerst abgewiesen";
        run: "Run", "Lauf";
        resolved: "Closed", "Erledigt";
        trace: "Trace", "Ablaufspur (Trace)";
        digest: "SHA-256, first 16 bytes", "SHA-256, erste 16 Bytes";
        size: "Size", "Größe";
        is_right: "It is right now.", "Jetzt stimmt er.";
        still_wrong: "It is still refused.", "Er wird weiterhin abgewiesen.";
        checked_at: "Checked on", "Geprüft am";
        checks_store_nothing: "a check stores nothing.", "eine Prüfung speichert nichts.";
        how_it_stands: "See how the record stands", "Ansehen, wie der Datensatz steht";
        locked: "Another import of this source is going on. Nothing was stored.",
            "Gerade läuft ein anderer Import dieses Absenders. Gespeichert wurde nichts.";
        import_going_on: "Import going on:", "Laufender Import:";
        text_stays: "Your text stands below, as you sent it.", "Ihr Text steht unten, wie Sie ihn gesendet haben.";
        import_again: "Send it again in a moment.", "Bitte gleich noch einmal senden.";
        your_text: "Your text, which was not imported", "Ihr Text, der nicht importiert wurde";
        your_text_hint: "Compare it with what was imported, below. What is still wrong there is mended by the next feed: \
             tell the sender, and copy your text if you need it.",
            "Bitte mit dem vergleichen, was importiert wurde (unten). Was dort noch nicht stimmt, berichtigt die nächste \
             Lieferung: Sagen Sie es dem Absender und kopieren Sie Ihren Text, wenn Sie ihn brauchen.";
        not_imported: "It is still refused, and was not imported.",
            "Er wird weiterhin abgewiesen und wurde nicht importiert.";
        held: "It is right, but would change too much to be imported alone. It was not imported.",
            "Er stimmt, würde aber zu viel ändern, um allein importiert zu werden. Er wurde nicht importiert.";
        overtaken: "A newer version of the record was imported meanwhile: nothing was changed.",
            "Inzwischen wurde eine neuere Fassung importiert: Es wurde nichts geändert.";
        came_anew: "A later feed has brought the record anew, and it is refused still: look at it again \
             below. Nothing was changed.",
            "Eine spätere Lieferung hat den Datensatz neu gebracht, er ist weiterhin abgewiesen: Bitte unten \
             neu ansehen. Es wurde nichts geändert.";
        taken: "Another record of its feed with the same key was imported: nothing was changed.",
            "Ein anderer Datensatz derselben Lieferung mit diesem Schlüssel wurde importiert: Es wurde nichts \
             geändert.";
        closed: "Somebody was quicker: it waits for nobody any more. Nothing was changed.",
            "Jemand war schneller: Er wartet auf niemanden mehr. Es wurde nichts geändert.";
        done_before: "It was imported before, just as you sent it now. Nothing was changed.",
            "Er wurde schon importiert, genau so, wie Sie ihn jetzt gesendet haben. Es wurde nichts geändert.";
        unjudged: "This cannot be judged. Nothing was stored.",
            "Das lässt sich nicht prüfen. Gespeichert wurde nichts.";
        no_reason: "Say why it is discarded: the reason is written down. Nothing was changed.",
            "Bitte sagen, warum er verworfen wird: Der Grund wird festgehalten. Es wurde nichts geändert.";
        imported: "It was imported.", "Er wurde importiert.";
        was_discarded: "It was discarded.", "Er wurde verworfen.";
        did_import: "imported", "importiert";
        was_mended: "imported with corrections", "mit Berichtigung importiert";
        did_discard: "discarded", "verworfen";
        before: "Refused", "Abgewiesen";
        corrected: "Corrected", "Berichtigt";
        later: "It was refused again later:", "Er wurde später wieder abgewiesen:";
        of_run: "Run", "Lauf";
        findings: "Findings", "Befunde";
        gone: "This record was imported or discarded meanwhile.",
            "Dieser Datensatz ist inzwischen importiert oder verworfen.";
        more: "more", "weitere";
        rows_left_out: "the whole record can be downloaded.", "der ganze Datensatz lässt sich herunterladen.";
        next: "Next refused record of this source", "Nächster abgewiesener Datensatz dieses Absenders";
        waits: "waits for you", "wartet auf Sie";
        waits_only: "waits", "wartet";
    }
}
