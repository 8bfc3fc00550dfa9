//! A record of a run that lies in no quarantine.

words! {
    /// What the screen says.
    RunRecordWords {
        inbox: "Inbox", "Eingang";
        run: "Run", "Lauf";
        findings: "Findings", "Befunde";
        record: "Record", "Datensatz";
        several: "Several feeds of the run have a record of this number. Which one?",
            "Mehrere Lieferungen des Laufs haben einen Datensatz mit dieser Nummer. Welchen?";
        checked: "Only checked: an import would refuse this record",
            "Nur geprüft: Ein Import würde diesen Datensatz abweisen";
        checked_right: "Only checked: an import would take this record",
            "Nur geprüft: Ein Import würde diesen Datensatz annehmen";
        checked_hint: "To mend records here, import their feed: what is refused then waits in the quarantine.",
            "Um Datensätze hier zu berichtigen, die Lieferung importieren: Was dann abgewiesen wird, wartet in der \
             Quarantäne.";
        held: "Held with its feed: on release, this record would be refused",
            "Mit der Lieferung angehalten: Bei einer Freigabe würde dieser Datensatz abgewiesen";
        held_right: "Held with its feed: on release, this record would be taken",
            "Mit der Lieferung angehalten: Bei einer Freigabe würde dieser Datensatz angenommen";
        held_hint: "What the feed would do, and the decision about it", "Was die Lieferung täte, und die Entscheidung";
        refused_feed: "Nothing of its feed was imported", "Von seiner Lieferung wurde nichts importiert";
        refused: "This record was refused", "Dieser Datensatz wurde abgewiesen";
        taken: "Nothing that refuses this record", "Nichts, wofür dieser Datensatz abgewiesen wird";
        gone: "The feed is not kept any more, so its record cannot be shown. What was found in it stands here, with \
               the line it was found in.",
            "Die Lieferung ist nicht mehr aufbewahrt, ihr Datensatz lässt sich daher nicht zeigen. Hier steht, was in \
             ihm gefunden wurde, mit der Zeile dazu.";
    }
}
