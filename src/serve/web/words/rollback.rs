//! A run that is taken back.

words! {
    /// What the screen says.
    RollbackWords {
        run: "Run", "Lauf";
        would: "What would go back", "Was zurückginge";
        about: "Products and the quarantine would be again what they were before the run, and its feeds could be \
             imported again.",
            "Produkte und Quarantäne wären wieder, wie sie vor dem Lauf waren, und seine Lieferungen ließen sich \
             neu importieren.";
        about_again: "Products and the quarantine would be again what they were before the run: the records wait \
             again.",
            "Produkte und Quarantäne wären wieder, wie sie vor dem Lauf waren: Die Datensätze warten wieder.";
        product: "Product", "Produkt";
        key: "Record", "Datensatz";
        fate: "What happens to it", "Was damit geschieht";
        nothing: "Nothing of the shop would change.", "Im Shop würde sich nichts ändern.";
        later: "Products that later runs have changed", "Produkte, die spätere Läufe geändert haben";
        refuse: "roll nothing back if there are any", "nichts zurücknehmen, wenn es welche gibt";
        keep: "leave them as they are", "lassen, wie sie sind";
        undo: "take them back, too; what later runs did to them is lost",
            "auch zurücknehmen; was spätere Läufe taten, geht verloren";
        look: "Check again", "Neu prüfen";
        cannot_at_all: "It cannot be rolled back", "Er lässt sich nicht zurücknehmen";
        cannot: "It cannot be rolled back so", "So lässt es sich nicht zurücknehmen";
        reason: "Reason", "Begründung";
        confirm: "Roll back this run", "Diesen Lauf zurücknehmen";
        hint: "It is done at once, as a run of its own, which can be rolled back itself. Who and why is written \
             down.",
            "Es geschieht sofort, als eigener Lauf, der sich selbst zurücknehmen lässt. Wer und warum, wird \
             festgehalten.";
    }
}
