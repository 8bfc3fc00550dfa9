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
    back: (&'static str, &'static str),
}

/// The page, under the status of the problem.
pub(super) fn of(visit: &Visit, problem: &Problem) -> Response {
    let (language, kind) = (visit.language, problem.kind());
    let title = words::title(language, kind, &visit.here);
    if kind == Kind::NotFound && visit.here.starts_with(SHARED) {
        return link_gone(visit);
    }
    let (detail, tag) = told(language, problem.detail());
    let view = View {
        frame: Frame::of(visit, None, title),
        words: ErrorWords::of(language),
        title,
        advice: words::advice(language, kind, &visit.here),
        detail,
        tag,
        run: problem.run(),
        status: kind.status().as_u16(),
        is_upload: visit.here == UPLOAD,
        back: back(ErrorWords::of(language), kind, &visit.here),
    };
    match Html::of(&view) {
        Ok(page) => (kind.status(), page).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Where to go on from what is not there.
fn back(words: &ErrorWords, kind: Kind, here: &str) -> (&'static str, &'static str) {
    let is_part =
        |path: &str| here.starts_with(path) && kind != Kind::Forbidden && kind != Kind::SourceForbidden;
    match here {
        _ if is_part("/runs/") => ("/", words.runs),
        _ if is_part("/quarantine/") => ("/quarantine", words.quarantine),
        _ if is_part("/held/") => ("/held", words.held),
        _ if is_part("/sources/") || is_part("/compare") => ("/sources", words.sources),
        _ => ("/", words.back),
    }
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

/// What exactly is wrong, without what programs are told, and the language it is in.
fn told(language: Language, detail: &str) -> (String, &'static str) {
    const PROGRAMS: [&str; 3] =
        [": `/v1/", ": `/openapi.json` lists", ": compare the files by `feedgate diff`"];
    let end = PROGRAMS.into_iter().filter_map(|from| detail.find(from)).min();
    let detail = &detail[..end.unwrap_or(detail.len())];
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
        assert_eq!(of(Kind::NotFound, "/runs/9"), ("/", "Alle Läufe"));
        assert_eq!(of(Kind::InvalidParameter, "/compare?new=1"), ("/sources", "Zu den Absendern"));
        assert_eq!(of(Kind::Forbidden, "/held/1"), ("/", "Zum Eingang"));
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
            "The scope `operate` is needed: use another token",
            "Nötig ist ein Zugangsschlüssel mit der Befugnis `operate`",
        );
        case(
            "the bytes of feed 7 are not kept: `versions.keep` says of how many feeds of each source they are",
            "The bytes of feed 7 are not kept: `versions.keep` says of how many feeds of each source they are",
            "Die Bytes der Lieferung 7 sind nicht aufbewahrt: `versions.keep` sagt, für wie viele Lieferungen jeder \
             Quelle sie es sind",
        );
    }
}
