//! What is asked for with a feed: by parameters, headers and the parts of a form.

use super::UploadQuery;
use crate::access::Scope;
use crate::product::SOURCE_CHARS_MAX;
use crate::serve::auth::Caller;
use crate::serve::parameters::media_type;
use crate::serve::problem::{Kind, Problem};
use crate::serve::service::Service;
use crate::source::Digest;
use crate::store::SubmissionMode;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_DISPOSITION;

/// Characters of an `Idempotency-Key`.
const KEY_CHARS_MAX: usize = 200;
/// Characters of the name of a feed.
const NAME_CHARS_MAX: usize = 255;
/// Characters of an unknown format that are told.
const SHOWN_CHARS_MAX: usize = 1_000;

/// Media types of a feed that is the body itself.
const MEDIA_TYPES: [&str; 10] = [
    "application/xml",
    "text/xml",
    "application/gzip",
    "application/x-gzip",
    "application/zstd",
    "application/x-zstd",
    "application/zip",
    "application/x-zip-compressed",
    "application/octet-stream",
    "application/onix+xml",
];

/// What is asked for, settled.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) mode: SubmissionMode,
    pub(super) format: Option<String>,
    pub(super) source: Option<String>,
    pub(super) name: Option<String>,
    pub(super) key: Option<String>,
    pub(super) again: bool,
    pub(super) checks_again: bool,
    pub(super) is_form: bool,
    pub(super) traceparent: Option<String>,
}

impl Order {
    pub(super) fn read(
        service: &Service,
        caller: &Caller,
        query: UploadQuery,
        headers: &HeaderMap,
    ) -> Result<Self, Problem> {
        caller.may(Scope::Submit)?;
        let order = Self {
            mode: query.mode.unwrap_or_default().into(),
            format: None,
            source: None,
            name: None,
            key: key(headers)?,
            again: query.again,
            checks_again: query.checks_again,
            is_form: is_form(headers)?,
            traceparent: None,
        };
        order
            .with_format(service, query.format)?
            .with_source(caller, query.source)?
            .with_name(query.name, headers)
    }

    pub(super) fn with_format(self, service: &Service, format: Option<String>) -> Result<Self, Problem> {
        let Some(wanted) = format.filter(|format| !format.is_empty()) else { return Ok(self) };
        if service.knows(&wanted) {
            return Ok(Self { format: Some(wanted), ..self });
        }
        let shown: String = wanted.chars().take(SHOWN_CHARS_MAX).collect();
        Err(Problem::parameter(
            "format",
            format!("there is no format `{shown}`: `/v1/formats` lists those there are"),
        ))
    }

    pub(super) fn with_source(self, caller: &Caller, source: Option<String>) -> Result<Self, Problem> {
        // A control character at an end is white space, too: what is written is looked at.
        source.as_deref().map_or(Ok(()), fits)?;
        let asked = source.map(|source| source.trim().to_owned()).filter(|source| !source.is_empty());
        asked.as_deref().map_or(Ok(()), |source| caller.sees(source))?;
        let own = caller.0.source().map(str::to_owned);
        Ok(Self { source: own.or(asked), ..self })
    }

    fn with_name(self, name: Option<String>, headers: &HeaderMap) -> Result<Self, Problem> {
        let said = name.or_else(|| file_name(headers));
        Ok(Self { name: said.map(|name| cut_name(&name)).transpose()?, ..self })
    }

    /// The mode that a part of a form says.
    pub(super) fn with_mode(self, word: &str) -> Result<Self, Problem> {
        let mode = match word {
            "import" => SubmissionMode::Import,
            "check" => SubmissionMode::Check,
            other => {
                return Err(Problem::parameter("mode", format!("`{other}` is neither `import` nor `check`")));
            }
        };
        Ok(Self { mode, ..self })
    }

    /// What the same submission is known by.
    pub(super) fn identity(&self, token: &str, digest: &Digest) -> Option<String> {
        let again = self.again || self.checks_again && self.mode == SubmissionMode::Check;
        if again && self.key.is_none() {
            return None;
        }
        let what = self.key.as_ref().map_or_else(|| format!("digest {digest}"), |key| format!("key {key}"));
        let source = self.source.as_deref().unwrap_or_default();
        let whole = format!("{token}\0{}\0{source}\0{what}", self.mode.as_str());
        Some(Digest::of(whole.as_bytes()).to_string())
    }
}

/// Whether this may be the name of a source.
fn fits(source: &str) -> Result<(), Problem> {
    if source.chars().count() > SOURCE_CHARS_MAX || source.chars().any(char::is_control) {
        let told = format!("a source has at most {SOURCE_CHARS_MAX} characters, and no control characters");
        return Err(Problem::parameter("source", told));
    }
    Ok(())
}

pub(super) fn cut_name(name: &str) -> Result<String, Problem> {
    let is_right = name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control);
    let name = name.trim();
    if name.is_empty() || !is_right {
        let told = format!("a name has 1 to {NAME_CHARS_MAX} characters, and no control characters");
        return Err(Problem::parameter("name", told));
    }
    Ok(name.to_owned())
}

/// The name that the sender's file has.
fn file_name(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(CONTENT_DISPOSITION)?.to_str().ok()?;
    let (_, name) = said.split_once("filename=")?;
    let name = name.trim().trim_matches('"');
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    Some(last.chars().take(NAME_CHARS_MAX).collect())
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(said) = headers.get("idempotency-key") else { return Ok(None) };
    let is_right = |key: &&str| {
        (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match said.to_str().ok().filter(is_right) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::parameter(
            "Idempotency-Key",
            format!("a key has 1 to {KEY_CHARS_MAX} visible ASCII characters without spaces"),
        )),
    }
}

/// Whether the body is a form; what is neither that nor a feed is refused.
pub(in crate::serve) fn is_form(headers: &HeaderMap) -> Result<bool, Problem> {
    let essence = media_type(headers);
    if essence == "multipart/form-data" {
        return Ok(true);
    }
    if MEDIA_TYPES.contains(&essence.as_str()) {
        return Ok(false);
    }
    Err(Problem::new(
        Kind::UnsupportedMediaType,
        format!("a feed is sent as `multipart/form-data` or one of {}", MEDIA_TYPES.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        headers
    }

    #[test]
    fn key_chars_max() {
        let of = |length: usize| key(&headers("idempotency-key", &"k".repeat(length)));
        assert_eq!(of(KEY_CHARS_MAX).expect("at the limit").map(|key| key.len()), Some(KEY_CHARS_MAX));
        assert!(of(KEY_CHARS_MAX + 1).is_err());
        assert!(key(&headers("idempotency-key", "a b")).is_err());
        assert_eq!(key(&HeaderMap::new()).expect("none"), None);
    }

    #[test]
    fn name_chars_max() {
        assert!(cut_name(&"ä".repeat(NAME_CHARS_MAX)).is_ok());
        assert!(cut_name(&"ä".repeat(NAME_CHARS_MAX + 1)).is_err());
        assert!(cut_name(" ").is_err() && cut_name("a\nb").is_err() && cut_name("a\u{85}").is_err());
    }

    #[test]
    fn source_chars_max() {
        for letter in ["s", "ü", "楽", "🎼"] {
            assert!(fits(&letter.repeat(SOURCE_CHARS_MAX)).is_ok());
            assert!(fits(&letter.repeat(SOURCE_CHARS_MAX + 1)).is_err());
        }
        assert!(fits("a\0").is_err());
    }

    #[test]
    fn the_name_of_the_file_has_no_folders() {
        let of = |said: &str| file_name(&headers("content-disposition", said));
        assert_eq!(of("attachment; filename=\"a.xml\"").as_deref(), Some("a.xml"));
        assert_eq!(of("attachment; filename=\"C:\\x\\a.xml\"").as_deref(), Some("a.xml"));
        assert_eq!(of("attachment; filename=../../etc/passwd").as_deref(), Some("passwd"));
        assert_eq!(of("inline"), None);
    }

    #[test]
    fn only_forms_of_a_feed_are_taken() {
        let of = |said: &str| is_form(&headers("content-type", said));
        assert!(of("multipart/form-data; boundary=x").is_ok_and(|form| form));
        assert!(of("Application/XML; charset=utf-8").is_ok_and(|form| !form));
        assert!(of("application/json").is_err_and(|problem| problem.kind() == Kind::UnsupportedMediaType));
        assert!(is_form(&HeaderMap::new()).is_err());
    }
}
