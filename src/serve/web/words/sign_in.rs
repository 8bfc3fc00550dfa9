//! Signing in.

words! {
    /// What the screen says.
    SignInWords {
        title: "Sign in", "Anmelden";
        token: "Token", "Zugangsschlüssel (Token)";
        hint: "It begins with fgt_. Ask whoever runs this service for one.",
            "Er beginnt mit fgt_. Sie bekommen ihn von denen, die diesen Dienst betreiben.";
        ended: "Your session has ended, and nothing was stored.",
            "Ihre Sitzung ist abgelaufen, und es wurde nichts gespeichert.";
        out: "You are signed out.", "Sie sind abgemeldet.";
        enter: "Sign in", "Anmelden";
        wrong: "This token does not count here: it may be mistyped, expired or revoked.",
            "Dieser Zugangsschlüssel gilt hier nicht: Er ist vertippt, abgelaufen oder widerrufen.";
        hours: "You stay signed in for 12 hours, in this browser only.",
            "Sie bleiben 12 Stunden angemeldet, nur in diesem Browser.";
    }
}
