//! What could not be done, and what to do then.

use crate::serve::problem::Kind;
use crate::serve::web::language::Language;

words! {
    /// What the screen says.
    ErrorWords {
        stored: "Nothing was stored.", "Es wurde nichts gespeichert.";
        back: "To the inbox", "Zum Eingang";
        runs: "All runs", "Alle Läufe";
        quarantine: "To the quarantine", "Zur Quarantäne";
        held: "All held feeds", "Alle angehaltenen Lieferungen";
        sources: "To the sources", "Zu den Absendern";
        findings: "To the findings of the run", "Zu den Befunden des Laufs";
        about: "Run", "Lauf";
        status: "Status", "Status";
        link_gone: "This link is no longer valid", "Dieser Link gilt nicht mehr";
        link_advice: "Ask whoever sent it to you for a new one.",
            "Bitten Sie, wer ihn Ihnen geschickt hat, um einen neuen.";
    }
}

/// Stands for the address of a part of a run that is there.
pub(in crate::serve::web) const PART_OF_RUN: &str = "/runs/of/";
/// Where feeds are sent.
const UPLOAD: &str = "/upload";

/// What is wrong, in a few words.
pub(in crate::serve::web) fn title(language: Language, kind: Kind, here: &str) -> &'static str {
    let known = [
        (PART_OF_RUN, "There is no such record", "Diesen Datensatz gibt es nicht"),
        ("/runs/", "There is no such run", "Diesen Lauf gibt es nicht"),
        ("/held/", "There is no such held feed", "Diese angehaltene Lieferung gibt es nicht"),
        ("/quarantine/", "There is no such record", "Diesen Datensatz gibt es nicht"),
        ("/sources/", "There is no such source", "Diesen Absender gibt es nicht"),
        ("/compare", "These versions cannot be compared", "Diese Fassungen lassen sich nicht vergleichen"),
    ];
    let is_asked = |path: &str| here.starts_with(path) && (kind == Kind::NotFound || is_choice(kind, path));
    match known.into_iter().find(|(path, ..)| is_asked(path)) {
        Some((_, english, german)) => language.pick(english, german),
        None if here == UPLOAD && is_request(kind) => {
            language.pick("This could not be taken", "Das ließ sich nicht annehmen")
        }
        None => title_of(language, kind),
    }
}

/// Whether two versions were to be compared that nobody chose.
fn is_choice(kind: Kind, here: &str) -> bool {
    here.starts_with("/compare") && kind == Kind::InvalidParameter
}

/// Whether it is what was asked for that is not right.
const fn is_request(kind: Kind) -> bool {
    matches!(kind, Kind::UnsupportedMediaType | Kind::InvalidRequest | Kind::InvalidParameter)
}

/// What exactly is wrong, where pages have other words for it than programs are told.
pub(in crate::serve::web) fn detail(language: Language, detail: &str) -> Option<String> {
    if let Some((bytes, _)) = detail.split_once(" bytes may be sent") {
        let size = size(language, bytes.parse().ok()?);
        return Some(match language {
            Language::English => format!("At most {size} may be sent."),
            Language::German => format!("Erlaubt sind höchstens {size}."),
        });
    }
    let known = [
        ("the scope `read` is needed", "It may not look (`read`).", "Er darf nicht ansehen (`read`)."),
        ("the scope `submit` is needed", "It may not send (`submit`).", "Er darf nicht senden (`submit`)."),
        (
            "the scope `operate` is needed",
            "It may not decide: release, refuse, mend, roll back (`operate`).",
            "Er darf nicht entscheiden: freigeben, ablehnen, berichtigen, zurücknehmen (`operate`).",
        ),
        ("the form has no part `feed`", "No file was chosen.", "Es wurde keine Datei ausgewählt."),
        ("the body is empty", "The file is empty.", "Die Datei ist leer."),
        ("the body came too slowly", "The file came too slowly.", "Die Datei kam zu langsam."),
        ("the form came too slowly", "The form came too slowly.", "Das Formular kam zu langsam."),
        (
            "the body could not be read to its end",
            "The connection broke before all of it was here.",
            "Die Verbindung brach ab, bevor alles da war.",
        ),
    ];
    let (_, english, german) = known.into_iter().find(|(begin, ..)| detail.starts_with(begin))?;
    Some(language.pick(english, german).to_owned())
}

/// A limit in bytes, for people: exact where it is a round one.
fn size(language: Language, bytes: u64) -> String {
    let units = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) if bytes % unit == 0 => format!("{} {name}", bytes / unit),
        Some((name, unit)) => {
            let tenths = u128::from(bytes % unit) * 10 / u128::from(unit);
            format!("{}{}{tenths} {name}", bytes / unit, language.pick(".", ","))
        }
        None => format!("{bytes} B"),
    }
}

const fn title_of(language: Language, kind: Kind) -> &'static str {
    let (english, german) = match kind {
        Kind::Unauthorized => ("Sign in first", "Bitte zuerst anmelden"),
        Kind::Forbidden => ("Your token does not allow this", "Dafür reicht Ihr Zugangsschlüssel nicht"),
        Kind::SourceForbidden => ("This is of another source", "Das gehört zu einem anderen Absender"),
        Kind::Unsaid => {
            ("The form did not say where it comes from", "Das Formular kam ohne Herkunftsangabe an")
        }
        Kind::OtherSite => ("This came from another site", "Das kam von einer anderen Seite"),
        Kind::NotFound => ("There is no such page", "Diese Seite gibt es nicht"),
        Kind::MethodNotAllowed => ("This cannot be done here", "Das geht hier nicht"),
        Kind::Timeout => ("It took too long", "Es hat zu lange gedauert"),
        Kind::Conflict | Kind::KeyReused => ("This cannot be done as things stand", "Das geht zurzeit nicht"),
        Kind::TooLarge => ("The file is too large", "Die Datei ist zu groß"),
        Kind::UnsupportedMediaType | Kind::InvalidRequest | Kind::InvalidParameter => {
            ("Something in the request is not right", "An der Anfrage stimmt etwas nicht")
        }
        Kind::TooManyUploads | Kind::Busy | Kind::TooManyStreams | Kind::QueueFull => {
            ("Too much is going on at the moment", "Zurzeit ist zu viel los")
        }
        Kind::DatabaseUnavailable => ("The database does not answer", "Die Datenbank antwortet nicht"),
        Kind::Stopping => ("The service is restarting", "Der Dienst wird neu gestartet"),
        Kind::Closed => ("Only its own machine is answered", "Nur der eigene Rechner bekommt Antwort"),
        Kind::StorageFull => ("There is no room for the file", "Für die Datei ist kein Platz"),
        Kind::Internal => ("Something went wrong here", "Hier ist etwas schiefgegangen"),
    };
    language.pick(english, german)
}

/// What to do, in a sentence.
pub(in crate::serve::web) fn advice(language: Language, kind: Kind, here: &str) -> &'static str {
    if is_choice(kind, here) {
        return language.pick(
            "Choose two versions on the page of their source.",
            "Wählen Sie zwei Fassungen auf der Seite ihres Absenders.",
        );
    }
    advice_of(language, kind)
}

const fn advice_of(language: Language, kind: Kind) -> &'static str {
    let (english, german) = match kind {
        Kind::Unauthorized => ("Sign in with your token.", "Melden Sie sich mit Ihrem Zugangsschlüssel an."),
        Kind::Forbidden => (
            "Sign in with another one, or ask whoever gave it to you.",
            "Melden Sie sich mit einem anderen an oder fragen Sie, wer ihn Ihnen gegeben hat.",
        ),
        Kind::SourceForbidden => (
            "Your token is for one source only: sign in with another one.",
            "Ihr Zugangsschlüssel gilt nur für einen Absender: Melden Sie sich mit einem anderen an.",
        ),
        Kind::Unsaid => (
            "Nothing was changed. A proxy between your browser and this service takes a header away: tell whoever runs \
             the service. What you typed is still there when you go back.",
            "Es wurde nichts geändert. Ein Proxy zwischen Ihrem Browser und diesem Dienst lässt eine Kopfzeile weg: \
             Sagen Sie es denen, die den Dienst betreiben. Was Sie eingegeben haben, ist beim Zurückgehen noch da.",
        ),
        Kind::OtherSite => (
            "Nothing was changed. Open the page here and do it again, if you meant it.",
            "Es wurde nichts geändert. Öffnen Sie die Seite hier und tun Sie es noch einmal, wenn Sie es wollten.",
        ),
        Kind::NotFound | Kind::MethodNotAllowed => (
            "It may have been removed, or the address is mistyped.",
            "Vielleicht ist das entfernt worden, oder die Adresse ist vertippt.",
        ),
        Kind::TooLarge => (
            "Send it packed: as .gz, .zst or .zip, one feed in a file.",
            "Senden Sie sie gepackt: als .gz, .zst oder .zip, eine Lieferung je Datei.",
        ),
        Kind::Conflict
        | Kind::KeyReused
        | Kind::UnsupportedMediaType
        | Kind::InvalidRequest
        | Kind::InvalidParameter => (
            "Go back, correct what is named below, and try again.",
            "Gehen Sie zurück, berichtigen Sie, was unten steht, und versuchen Sie es noch einmal.",
        ),
        Kind::Timeout
        | Kind::TooManyUploads
        | Kind::Busy
        | Kind::TooManyStreams
        | Kind::QueueFull
        | Kind::DatabaseUnavailable
        | Kind::Stopping => ("Try again in a moment.", "Versuchen Sie es gleich noch einmal."),
        Kind::Closed | Kind::StorageFull | Kind::Internal => (
            "Tell whoever runs this service; its log says more.",
            "Sagen Sie es denen, die diesen Dienst betreiben; im Protokoll steht mehr.",
        ),
    };
    language.pick(english, german)
}
