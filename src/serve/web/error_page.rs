//! A problem as a page: what is wrong, what to do, and what exactly it was.

use super::assets;
use super::filters;
use super::frame::Frame;
use super::html::Html;
use super::language::Language;
use super::visit::Visit;
use super::words::{self, ErrorWords};
use crate::report::german;
use crate::serve::problem::{Kind, Problem};
use crate::serve::requests::SHARED;
use crate::serve::web::words::PART_OF_RUN;
use askama::Template;
use axum::response::{IntoResponse, Response};

/// Where feeds are sent: what is refused there has left nothing.
const UPLOAD: &str = "/upload";

#[derive(Template)]
#[template(path = "web/error_page.html")]
struct View {
    frame: Frame,
    words: &'static ErrorWords,
    title: &'static str,
    advice: &'static str,
    detail: String,
    /// The language of the detail.
    tag: &'static str,
    run: Option<i64>,
    status: u16,
    is_upload: bool,
    /// Where to go on: address and name.
    back: (String, &'static str),
}

/// The page, under the status of the problem.
pub(super) fn of(visit: &Visit, problem: &Problem) -> Response {
    let (language, kind) = (visit.language, problem.kind());
    if kind == Kind::NotFound && visit.here.starts_with(SHARED) {
        return link_gone(visit);
    }
    let is_part = kind == Kind::NotFound && problem.run().is_some() && visit.here.starts_with("/runs/");
    let of = if is_part { PART_OF_RUN } else { visit.here.as_str() };
    // A number that none can be is one of nothing.
    let seen = if problem.is_number() { Kind::NotFound } else { kind };
    let title = words::title(language, seen, of);
    let (detail, tag) = told(language, problem.detail());
    let view = View {
        frame: Frame::of(visit, None, title),
        words: ErrorWords::of(language),
        title,
        advice: words::advice(language, seen, &visit.here),
        detail,
        tag,
        run: problem.run(),
        status: kind.status().as_u16(),
        is_upload: visit.here == UPLOAD,
        back: match problem.run().filter(|_| is_part) {
            Some(run) => (format!("/runs/{run}/findings"), ErrorWords::of(language).findings),
            None => back(ErrorWords::of(language), kind, &visit.here),
        },
    };
    match Html::of(&view) {
        Ok(page) => (kind.status(), page).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Where to go on from what is not there.
fn back(words: &ErrorWords, kind: Kind, here: &str) -> (String, &'static str) {
    let is_part =
        |path: &str| here.starts_with(path) && kind != Kind::Forbidden && kind != Kind::SourceForbidden;
    let (address, name) = match here {
        _ if is_part("/runs/") => ("/", words.runs),
        _ if is_part("/quarantine/") => ("/quarantine", words.quarantine),
        _ if is_part("/held/") => ("/held", words.held),
        _ if is_part("/sources/") || is_part("/compare") => ("/sources", words.sources),
        _ => ("/", words.back),
    };
    (address.to_owned(), name)
}

/// What whoever follows a link that counts no more is shown: they know nothing of the rest.
#[derive(Template)]
#[template(path = "web/link_gone.html")]
struct LinkGone {
    language: Language,
    words: &'static ErrorWords,
}

impl LinkGone {
    #[expect(clippy::unused_self, reason = "a template calls it so")]
    fn style(&self) -> &'static str {
        assets::style()
    }
}

fn link_gone(visit: &Visit) -> Response {
    let view = LinkGone { language: visit.language, words: ErrorWords::of(visit.language) };
    match Html::of(&view) {
        Ok(page) => (Kind::NotFound.status(), page).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// What is wrong where something was sent, in a few words.
pub(super) fn title(language: Language, problem: &Problem, here: &str) -> &'static str {
    words::title(language, problem.kind(), here)
}

/// What exactly is wrong, without what programs are told, and the language it is in.
pub(super) fn told(language: Language, detail: &str) -> (String, &'static str) {
    const PROGRAMS: [&str; 3] =
        [": `/v1/", ": `/openapi.json` lists", ": compare the files by `feedgate diff`"];
    let end = PROGRAMS.into_iter().filter_map(|from| detail.find(from)).min();
    let detail = &detail[..end.unwrap_or(detail.len())];
    if let Some(told) = words::detail(language, detail) {
        return (told, language.tag());
    }
    match language {
        Language::German => match german::translation(detail, &[]) {
            Some(german) => (capital(&german), Language::German.tag()),
            None => (capital(detail), Language::English.tag()),
        },
        Language::English => (capital(detail), Language::English.tag()),
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(detail: &str, english: &str, german: &str) {
        assert_eq!(told(Language::English, detail), (english.to_owned(), "en"));
        assert_eq!(told(Language::German, detail), (german.to_owned(), "de"));
    }

    #[test]
    fn one_goes_on_from_where_it_would_have_been() {
        let of = |kind, here| back(ErrorWords::of(Language::German), kind, here);
        assert_eq!(of(Kind::NotFound, "/runs/9"), ("/".to_owned(), "Alle Läufe"));
        assert_eq!(of(Kind::InvalidParameter, "/compare?new=1"), ("/sources".to_owned(), "Zu den Absendern"));
        assert_eq!(of(Kind::Forbidden, "/held/1"), ("/".to_owned(), "Zum Eingang"));
        let title = words::title(Language::German, Kind::InvalidParameter, "/compare");
        assert_eq!(title, "Diese Fassungen lassen sich nicht vergleichen");
    }

    #[test]
    fn what_exactly_is_wrong_is_told_to_people() {
        case(
            "there is no run 9: `/v1/runs` lists those there are",
            "There is no run 9",
            "Einen Lauf 9 gibt es nicht",
        );
        case(
            "the scope `operate` is needed: use another token",
            "It may not decide: release, refuse, mend, roll back (`operate`).",
            "Er darf nicht entscheiden: freigeben, ablehnen, berichtigen, zurücknehmen (`operate`).",
        );
        case(
            "1048576 bytes may be sent, and nothing of it was kept: send it packed (gzip, zstd, zip)",
            "At most 1 MiB may be sent.",
            "Erlaubt sind höchstens 1 MiB.",
        );
        case(
            "262144 bytes may be sent by the page, and nothing of it was kept",
            "At most 256 KiB may be sent.",
            "Erlaubt sind höchstens 256 KiB.",
        );
        case(
            "`quatsch` is no choice of `state`",
            "`quatsch` is no choice of `state`",
            "`quatsch` steht für `state` nicht zur Wahl",
        );
        case(
            "the bytes of feed 7 are not kept: `versions.keep` says of how many feeds of each source they are",
            "The bytes of feed 7 are not kept: `versions.keep` says of how many feeds of each source they are",
            "Die Bytes der Lieferung 7 sind nicht aufbewahrt: `versions.keep` sagt, für wie viele Lieferungen jeder \
             Quelle sie es sind",
        );
    }

    #[test]
    fn what_is_told_on_pages_is_told_in_german() {
        for detail in [
            "a number here is whole, and 1 or more",
            "it is none that a page gave as `next`",
            "there is no format `x`",
            "`x` is neither `import` nor `check`",
            "a source has at most 250 characters, and no control characters",
            "a name has 1 to 255 characters, and no control characters",
            "it has at most 1000 bytes",
            "it is no UTF-8 text",
            "one feed may be sent at a time, and these are several: send each by itself",
            "the form has no part `feed`: it is the file",
            "the form came too slowly; nothing of it was kept",
            "the body is empty: the feed is sent as the body",
            "the body came too slowly: at least 1024 bytes per second are needed and no pause of more than 10 s; \
             nothing of it was kept",
            "the body could not be read to its end, and nothing of it was kept: connection reset by peer",
            "the spool has no room; nothing of the feed was kept: try again later, or tell the operators",
            "nothing was changed; the log of the service tells more",
            "nothing was changed; try again in a moment",
            "nothing was changed: try again in a moment",
            "another instance will take it: try again in a moment",
            "try again when some of them have ended",
            "1000 feeds wait already: try again later",
            "it was not found out within 60 s",
            "run 7 has found nothing in a record `9`",
            "the feed of run 7 is not kept: choose the file again",
            "there is no link 7",
            "link 7 is revoked already",
            "it is empty: say why, it is written down",
            "the form does not say which page it comes from, and nothing was changed: let the proxy in front of the \
             service pass on the header `Origin`",
            "the request comes from a page of another site: call the service from a program, or from its own pages",
        ] {
            assert_eq!(told(Language::German, detail).1, "de", "{detail}");
        }
    }
}
