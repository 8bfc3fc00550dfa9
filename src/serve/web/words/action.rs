//! What to do about a finding, where the explanation speaks of commands: on a page one does it on the page.

use crate::serve::web::language::Language;

/// By code: English, German.
const ACTIONS: [(&str, &str, &str); 10] = [
    (
        "rule.guard",
        "See what the feed would do under “Held”. Release it there, or refuse it and ask the sender.",
        "Unter „Angehalten“ ansehen, was die Lieferung bewirken würde. Dort freigeben, oder ablehnen und den Absender \
         fragen.",
    ),
    (
        "feed.held",
        "See what the feed would do under “Held”, then release or refuse it there.",
        "Unter „Angehalten“ ansehen, was die Lieferung bewirken würde, und sie dort freigeben oder ablehnen.",
    ),
    (
        "rule.plan-changed",
        "Look at the held feed again, and decide anew.",
        "Die angehaltene Lieferung noch einmal ansehen und neu entscheiden.",
    ),
    (
        "rule.held-released",
        "Nothing has to be done. The page of the held feed says who decided.",
        "Es ist nichts zu tun. Die Seite der angehaltenen Lieferung sagt, wer entschieden hat.",
    ),
    (
        "rule.no-sender",
        "Name the source when you send the feed, or have it written into the header.",
        "Beim Senden den Absender angeben, oder ihn in den Kopf der Lieferung schreiben lassen.",
    ),
    (
        "rule.stale",
        "Mostly a feed was delivered twice or late, and can be refused.",
        "Meist wurde eine Lieferung doppelt oder verspätet geschickt und kann abgelehnt werden.",
    ),
    (
        "rule.quarantine-full",
        "So many refusals mostly have one cause: have it corrected and the feed delivered again.",
        "So viele Abweisungen haben meist eine Ursache: beheben und noch einmal liefern lassen.",
    ),
    (
        "feed.record-alone",
        "Nothing has to be done. A corrected record is imported on its page in the quarantine.",
        "Es ist nichts zu tun. Ein berichtigter Datensatz wird auf seiner Seite in der Quarantäne importiert.",
    ),
    (
        "feed.unknown-root",
        "Check that the file is the one that was meant, and ask the sender for a format that is read.",
        "Prüfen, ob es die gemeinte Datei ist, und den Absender um ein Format bitten, das gelesen wird.",
    ),
    (
        "feed.other-document",
        "Check that the file is the one that was meant. Where the feed is inside of it, as in a SOAP message, save \
         that alone; otherwise ask the sender for a format that is read.",
        "Prüfen, ob es die gemeinte Datei ist. Steckt die Lieferung darin, wie in einer SOAP-Nachricht, nur diese \
         speichern; sonst den Absender um ein Format bitten, das gelesen wird.",
    ),
];

/// What to do about it on a page, where that is something else than what is explained at the command line.
pub(in crate::serve::web) fn action_on_page(language: Language, code: &str) -> Option<&'static str> {
    let (_, english, german) = ACTIONS.into_iter().find(|(known, ..)| *known == code)?;
    Some(language.pick(english, german))
}
