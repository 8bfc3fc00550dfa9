//! Around every page.

words! {
    /// What the layout says.
    FrameWords {
        skip: "Skip to content", "Zum Inhalt springen";
        navigation: "Main navigation", "Hauptnavigation";
        inbox: "Inbox", "Eingang";
        quarantine: "Quarantine", "Quarantäne";
        held: "Held", "Angehalten";
        sources: "Sources", "Absender";
        signed_in: "Signed in as", "Angemeldet als";
        sign_out: "Sign out", "Abmelden";
    }
}
