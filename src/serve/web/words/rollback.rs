//! A run that is taken back.

words! {
    /// What the screen says.
    RollbackWords {
        title: "Roll back", "Zurücknehmen";
        run: "Run", "Lauf";
        would: "What would go back", "Was zurückginge";
        about: "Products, marks and the quarantine would be again what they were before the run, and its feeds \
             could be imported again.",
            "Produkte, Marken und Quarantäne wären wieder, wie sie vor dem Lauf waren, und seine Lieferungen \
             ließen sich neu importieren.";
        restored: "As they were before", "Wieder wie vorher";
        removed: "Gone again", "Wieder weg";
        returned: "There again", "Wieder da";
        kept: "Left as later runs made them", "Wie spätere Läufe sie ließen";
        nothing: "Nothing of the shop would change.", "Im Shop würde sich nichts ändern.";
        later: "Products that later runs have changed", "Produkte, die spätere Läufe geändert haben";
        refuse: "roll nothing back if there are any", "nichts zurücknehmen, wenn es welche gibt";
        keep: "leave them as they are", "lassen, wie sie sind";
        undo: "take them back, too; what later runs did to them is lost",
            "auch zurücknehmen; was spätere Läufe taten, geht verloren";
        look: "Check again", "Neu prüfen";
        cannot: "It cannot be rolled back so", "So lässt es sich nicht zurücknehmen";
        reason: "Reason", "Begründung";
        confirm: "Roll back this run", "Diesen Lauf zurücknehmen";
        hint: "It is done at once, as a run of its own, which can be rolled back itself. Who and why is written \
             down.",
            "Es geschieht sofort, als eigener Lauf, der sich selbst zurücknehmen lässt. Wer und warum, wird \
             festgehalten.";
    }
}
