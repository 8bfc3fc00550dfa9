//! Held feeds: the list, and each with what it would do.

words! {
    /// What both screens say.
    HeldWords {
        title: "Held feeds", "Angehaltene Lieferungen";
        about: "They would do more than the limits allow, and wait for somebody to decide.",
            "Diese Lieferungen überschreiten Grenzen und warten auf eine Entscheidung.";
        state: "State", "Stand";
        source: "Source", "Absender";
        any: "any", "alle";
        show: "Show", "Zeigen";
        all: "Reset the filter", "Filter zurücksetzen";
        none: "Nothing is held. A feed is held when it would change more than the limits of the guard allow.",
            "Nichts ist angehalten. Angehalten wird, was mehr ändern würde, als die Grenzen des Wächters erlauben.";
        none_fits: "No held feed fits.", "Keine angehaltene Lieferung passt.";
        feed: "Feed", "Lieferung";
        why: "Why", "Warum";
        when: "Held", "Angehalten";
        records: "Records", "Datensätze";
        more: "More held feeds", "Weitere angehaltene Lieferungen";
        first: "From the beginning", "Von vorn";
        unread: "Another version of feedgate held it: what it would do cannot be shown. Deliver it again to see \
             it.",
            "Eine andere Version von feedgate hat sie angehalten: Was sie bewirken würde, lässt sich nicht zeigen. \
             Noch einmal liefern.";
        decide: "Decide", "Entscheiden";
        decide_jump: "Decide", "Zur Entscheidung";
        limits: "Limits that it exceeds", "Überschrittene Grenzen";
        were_limits: "Limits that it exceeded", "Grenzen, die überschritten waren";
        since: "Since then, another feed of this source was imported:",
            "Seitdem wurde eine andere Lieferung dieses Absenders importiert:";
        since_back: "Since then, a feed of this source was rolled back:",
            "Seitdem wurde eine Lieferung dieses Absenders zurückgenommen:";
        late: "Somebody else has decided before: your decision was not carried out.",
            "Jemand anders hat vorher entschieden: Ihre Entscheidung wurde nicht ausgeführt.";
        moot: "Held: it would change nothing any more", "Angehalten: Die Lieferung würde nichts mehr ändern";
        full_stays: "It is a full feed. What it leaves out stays in the shop: no setting says that it is withdrawn.",
            "Vollständige Lieferung. Was darin fehlt, bleibt im Shop: Keine Einstellung sagt, dass es zurückgezogen \
             wird.";
        numbers_of: "The numbers here are of", "Die Zahlen hier sind vom";
        release_compares: "A release reads the feed again and is done only if it would still do this.",
            "Eine Freigabe liest die Lieferung neu und gilt nur, wenn sie noch dasselbe bewirken würde.";
        would: "It would", "Die Lieferung würde";
        share: "Share", "Anteil";
        allowed: "Allowed", "Erlaubt";
        setting: "Setting", "Einstellung";
        always: "always held", "wird immer angehalten";
        was_to: "It was to", "Die Lieferung sollte";
        was_plan: "What it was to do", "Was die Lieferung bewirken sollte";
        was_prices: "Prices that were to move", "Preise, die sich ändern sollten";
        plan: "What it would do", "Was die Lieferung bewirken würde";
        products: "Products", "Produkte";
        of_all: "Of those on hand", "Anteil am Bestand";
        on_hand: "On hand", "Bestand";
        usual: "Records of its usual feeds", "Datensätze, sonst üblich";
        created: "add", "neu anlegen";
        updated: "change", "ändern";
        withdrawn: "withdraw", "zurückziehen";
        revived: "bring back", "wieder aufnehmen";
        unavailable: "make unavailable", "als nicht lieferbar melden";
        repriced: "change the price", "den Preis ändern";
        retitled: "change the title", "den Titel ändern";
        jumped: "raise or cut the price beyond the factor", "den Preis über den Faktor hinaus ändern";
        at_least: "at least", "mindestens";
        same_titles: "give a title that others get, too", "denselben Titel wie anderen geben";
        full: "It is a full feed: what it leaves out is withdrawn.",
            "Vollständige Lieferung: Was darin fehlt, wird zurückgezogen.";
        was_full: "It is a full feed: what it left out was to be withdrawn where settings said so.",
            "Vollständige Lieferung: Was darin fehlte, sollte zurückgezogen werden, sofern die Einstellungen das \
             vorsahen.";
        delta: "It is a partial feed: what it leaves out stays.", "Teillieferung: Was darin fehlt, bleibt.";
        prices: "Prices that would move", "Preise, die sich ändern würden";
        largest: "The furthest moves", "Die größten Sprünge";
        product: "Product", "Produkt";
        old: "Now", "Jetzt";
        new: "Then", "Danach";
        change: "Change", "Änderung";
        before: "Before", "Vorher";
        after: "After", "Nachher";
        samples: "Samples", "Beispiele";
        earlier: "Compared with the feeds before it", "Verglichen mit früheren Lieferungen";
        this: "this feed", "diese Lieferung";
        run: "Run", "Lauf";
        added: "Added", "Neu";
        changed: "Changed", "Geändert";
        gone: "Withdrawn", "Zurückgezogen";
        turned_down: "Refused", "Abgewiesen";
        no_earlier: "It is the first one.", "Es ist die erste.";
        not_kept: "Its bytes are not kept, so it cannot be released: raise the limit that holds it, and deliver \
             it again.",
            "Ihre Bytes sind nicht aufbewahrt, sie lässt sich nicht freigeben: die Grenze anheben, noch einmal \
             liefern.";
        why_release: "Why it is released", "Warum sie freigegeben wird";
        why_refuse: "Why it is refused", "Warum sie abgelehnt wird";
        release: "Release", "Freigeben";
        release_hint: "It is read again and imported if it would still do exactly this. Who and why is written \
             down.",
            "Sie wird neu gelesen und importiert, wenn sie noch genau dies bewirken würde. Wer und warum, wird \
             festgehalten.";
        refuse: "Refuse", "Ablehnen";
        refuse_hint: "Its bytes are forgotten. That it was held, who refused it and why is kept.",
            "Die Lieferung wird gelöscht. Wer sie warum abgelehnt hat, bleibt festgehalten.";
        may_not: "Your token may look, and not decide.", "Ihr Zugangsschlüssel darf ansehen, nicht entscheiden.";
        keep_until: "It is kept until", "Aufbewahrt bis";
        decided: "What was decided", "Was entschieden wurde";
        by: "By", "Von";
        at: "When", "Wann";
        nobody: "nobody", "niemand";
        resolved_run: "Run", "Lauf";
        held_by: "Run that held it", "Lauf, der sie anhielt";
        details: "Details", "Einzelheiten";
        message: "Message", "Nachricht";
        format: "Format", "Format";
        digest: "Digest of the plan", "Prüfsumme des Plans";
    }
}
