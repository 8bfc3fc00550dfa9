//! Signing in.

words! {
    /// What the screen says.
    SignInWords {
        title: "Sign in", "Anmelden";
        token: "Token", "Zugangsschlüssel (Token)";
        hint: "It begins with fgt_. Whoever runs this service gives you one: feedgate token create NAME --scope …",
            "Er beginnt mit fgt_. Wer diesen Dienst betreibt, gibt Ihnen einen: feedgate token create NAME --scope …";
        enter: "Sign in", "Anmelden";
        wrong: "This token does not count here: it may be mistyped, expired or revoked.",
            "Dieser Zugangsschlüssel gilt hier nicht: Er ist vertippt, abgelaufen oder widerrufen.";
        hours: "You stay signed in for 12 hours, in this browser only.",
            "Sie bleiben 12 Stunden angemeldet, nur in diesem Browser.";
    }
}
