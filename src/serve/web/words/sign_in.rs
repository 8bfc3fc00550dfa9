//! Signing in.

words! {
    /// What the screen says.
    SignInWords {
        title: "Sign in", "Anmelden";
        about: "feedgate checks product feeds before the shop gets them. Signed in, you see what came, and mend what \
             was refused.",
            "feedgate prüft Produktlieferungen, bevor der Shop sie bekommt. Angemeldet sehen Sie, was kam, und \
             berichtigen, was abgewiesen wurde.";
        token: "Token", "Zugangsschlüssel";
        hint: "It begins with fgt_. If you have none, ask whoever runs feedgate in your house.",
            "Er beginnt mit fgt_. Haben Sie keinen, fragen Sie, wer feedgate in Ihrem Haus betreibt.";
        is_out: "You are signed out.", "Sie sind abgemeldet.";
        has_ended: "Your session has ended: please sign in again.",
            "Ihre Sitzung ist abgelaufen: Bitte melden Sie sich neu an.";
        is_unsaved: "Your session has ended, and nothing was stored. Sign in, and do it once more.",
            "Ihre Sitzung ist abgelaufen, gespeichert wurde nichts. Melden Sie sich an und wiederholen Sie es.";
        ended: "Your session has ended", "Ihre Sitzung ist abgelaufen";
        ended_about: "Nothing was stored. Your text stands below: sign in in another window, come back here and send \
             it again.",
            "Gespeichert wurde nichts. Ihr Text steht unten: Melden Sie sich in einem anderen Fenster an, kommen Sie \
             hierher zurück und senden Sie ihn noch einmal.";
        send_again: "Nothing was stored. Your text stands below: send it again in a moment.",
            "Gespeichert wurde nichts. Ihr Text steht unten: Bitte gleich noch einmal senden.";
        other_window: "Sign in in another window", "In einem anderen Fenster anmelden";
        text: "Text of the record", "Text des Datensatzes";
        check: "Check", "Prüfen";
        enter: "Sign in", "Anmelden";
        wrong: "This token does not count here: it may be mistyped, expired or revoked.",
            "Dieser Zugangsschlüssel gilt hier nicht: Er ist vertippt, abgelaufen oder widerrufen.";
        hours: "You stay signed in for 12 hours, in this browser only.",
            "Sie bleiben 12 Stunden angemeldet, nur in diesem Browser.";
    }
}
