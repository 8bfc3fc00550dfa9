//! Metadata of SAML 2.0: certificates of key descriptors, `validUntil`, `cacheDuration`.

use super::certificate::certificate;
use super::{ReadError, Reading, base64};
use crate::expiry::chain::Role;
use crate::expiry::dated::Dated;
use crate::expiry::term::Term;
use crate::xml::{Cursor, DoctypePolicy, Event, Limits, StartTag};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

const EXPECTED: &str = "metadata of SAML";
const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Metadata is flat, and a certificate is short.
const LIMITS: fn() -> Limits = || Limits {
    depth_max: 64,
    text_bytes_max: 1 << 20,
    doctype: DoctypePolicy::Refused,
    ..Limits::default()
};

/// Whether it looks like such metadata.
pub(super) fn is_saml(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, METADATA.as_bytes()).is_some()
}

/// Reads metadata. From `fetched` on its copy may be used for as long as `cacheDuration` says.
pub(super) fn metadata(bytes: &[u8], fetched: Option<Timestamp>) -> Result<Reading, ReadError> {
    let malformed = |error| ReadError::malformed(EXPECTED, error);
    let mut cursor = Cursor::new(bytes, LIMITS());
    let mut walk = Walk { reading: Reading::default(), fetched, open: Vec::new(), text: None };
    while let Some(mut block) = cursor.block().map_err(malformed)? {
        while let Some(event) = block.next().map_err(malformed)? {
            match event {
                Event::Start(tag) => walk.start(&tag)?,
                Event::Text(text) => {
                    if let Some(whole) = &mut walk.text {
                        whole.push_str(text.text);
                    }
                }
                Event::End(_) => walk.end()?,
            }
        }
    }
    Ok(walk.reading)
}

/// What an open element means.
#[derive(Clone, Default)]
struct Open {
    /// The entity that it belongs to.
    entity: String,
    /// What the keys in it are for.
    purpose: String,
    /// Its text is a certificate.
    is_certificate: bool,
}

struct Walk {
    reading: Reading,
    fetched: Option<Timestamp>,
    open: Vec<Open>,
    /// The certificate that is being read.
    text: Option<String>,
}

impl Walk {
    fn start(&mut self, tag: &StartTag<'_>) -> Result<(), ReadError> {
        let (namespace, local) = (tag.name.namespace, tag.name.local());
        let is_metadata = namespace == METADATA;
        if self.open.is_empty()
            && !(is_metadata && ["EntityDescriptor", "EntitiesDescriptor"].contains(&local))
        {
            return Err(ReadError::malformed(EXPECTED, format!("its root is `{local}`")));
        }
        let mut open = self.open.last().cloned().unwrap_or_default();
        open.is_certificate = namespace == SIGNATURE && local == "X509Certificate";
        match (is_metadata, local) {
            (true, "EntityDescriptor" | "EntitiesDescriptor") => {
                let name = attribute(tag, "entityID").or_else(|| attribute(tag, "Name"));
                open.entity = name.unwrap_or_default();
            }
            (true, "KeyDescriptor") => {
                open.purpose = attribute(tag, "use").unwrap_or_else(|| "signing and encryption".to_owned());
            }
            (false, "Signature") if namespace == SIGNATURE => {
                "signature of the metadata".clone_into(&mut open.purpose);
            }
            _ => {}
        }
        if is_metadata {
            self.dates(tag, &open.entity)?;
        }
        if open.is_certificate {
            self.text = Some(String::new());
        }
        self.open.push(open);
        Ok(())
    }

    /// What an element says of its own end.
    fn dates(&mut self, tag: &StartTag<'_>, entity: &str) -> Result<(), ReadError> {
        if let Some(text) = attribute(tag, "validUntil") {
            match moment(&text) {
                Some(until) => {
                    let dated = Dated::new(Role::Document, entity).until(Term::Until(until));
                    self.reading.push(dated)?;
                }
                None => self.fault("validUntil", &text)?,
            }
        }
        if let Some(text) = attribute(tag, "cacheDuration") {
            match text.trim().parse::<Span>() {
                Ok(span) => self.cached(span, entity)?,
                Err(_) => self.fault("cacheDuration", &text)?,
            }
        }
        Ok(())
    }

    fn fault(&mut self, name: &str, value: &str) -> Result<(), ReadError> {
        let value: String = value.chars().take(40).collect();
        self.reading.fault(name.to_owned(), ReadError::malformed(EXPECTED, format!("`{value}` is no time")))
    }

    fn cached(&mut self, span: Span, entity: &str) -> Result<(), ReadError> {
        let Some(fetched) = self.fetched else { return Ok(()) };
        let end = fetched.to_zoned(TimeZone::UTC).checked_add(span).map(|end| end.timestamp());
        let until = end.map_or(Term::Never, Term::Until);
        self.reading.push(Dated::new(Role::Cache, entity).until(until))
    }

    fn end(&mut self) -> Result<(), ReadError> {
        let open = self.open.pop().unwrap_or_default();
        let Some(text) = self.text.take_if(|_| open.is_certificate) else { return Ok(()) };
        let place = || [open.entity.as_str(), open.purpose.as_str()].join(" ").trim().to_owned();
        let der =
            base64::standard(&text).ok_or_else(|| ReadError::malformed("certificate", "it is no base64"));
        match der.and_then(|der| certificate(&der)) {
            Ok(dated) => {
                let name = format!("{}: {}", place(), dated.name);
                self.reading.push(dated.named(&name))
            }
            Err(error) => self.reading.fault(place(), error),
        }
    }
}

fn attribute(tag: &StartTag<'_>, local: &str) -> Option<String> {
    tag.attributes.get("", local).map(|each| each.value.to_owned())
}

/// A moment; without a zone it is UTC, as the standard wants it (SAML core, 1.3.3).
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let civil = || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(civil)
}
