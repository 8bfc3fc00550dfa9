//! Key sets (JWKS, RFC 7517) and tokens (JWT, RFC 7519): certificates in `x5c`, ends in `exp`, in whatever object of a
//! document they stand. A token itself is a secret and never told; who has issued it for whom is.

use super::certificate::certificate;
use super::{ReadError, Reading, base64};
use crate::expiry::chain::Role;
use crate::expiry::dated::Dated;
use crate::expiry::limits::{JSON_BYTES_MAX, NESTING_MAX};
use crate::expiry::term::Term;
use jiff::Timestamp;
use serde_json::{Map, Value};

const EXPECTED: &str = "key set (JWKS) or token (JWT)";

/// Reads a key set, a token, or a document with some of either.
pub(super) fn keys(bytes: &[u8]) -> Result<Reading, ReadError> {
    if bytes.len() as u64 > JSON_BYTES_MAX {
        return Err(ReadError::limit("JSON_BYTES_MAX", JSON_BYTES_MAX, "bytes"));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|_| ReadError::malformed(EXPECTED, "it is no text"))?.trim();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading::default();
    if is_token(text) {
        token(text, 0, &mut reading)?;
        return Ok(reading);
    }
    // What a parser quotes of the document may be secret; where it stopped is not.
    let value = serde_json::from_str(text).map_err(|error| {
        let place = format!("it is no JSON from line {}, column {} on", error.line(), error.column());
        ReadError::malformed(EXPECTED, place)
    })?;
    walk(&value, 0, &mut reading)?;
    Ok(reading)
}

/// Three or five parts of base64, of which the first is a JSON object: `{"` is `eyJ`.
fn is_token(text: &str) -> bool {
    let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let parts = text.split('.').count();
    text.starts_with("eyJ") && matches!(parts, 3 | 5) && text.split('.').all(is_part)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&base64::url(part)?).ok()
}

fn token(text: &str, depth: usize, reading: &mut Reading) -> Result<(), ReadError> {
    let parts: Vec<&str> = text.split('.').collect();
    let place = || "a token".to_owned();
    let malformed = || ReadError::malformed("token (JWT)", "a part of it is no JSON object in base64");
    let Some(header) = object(parts[0]) else { return reading.fault(place(), malformed()) };
    chain(&header, "token", reading)?;
    if parts.len() == 5 {
        // What is encrypted says no end to whoever has no key.
        return reading.push(Dated::new(Role::Token, "encrypted"));
    }
    let Some(claims) = object(parts[1]) else { return reading.fault(place(), malformed()) };
    let said = |key| claims.get(key).and_then(Value::as_str).unwrap_or("-");
    let name = format!("by {} for {}", said("iss"), said("sub"));
    reading.push(dates(Dated::new(Role::Token, &name), &claims))?;
    claims.values().try_for_each(|value| walk(value, depth + 1, reading))
}

fn walk(value: &Value, depth: usize, reading: &mut Reading) -> Result<(), ReadError> {
    if depth > NESTING_MAX {
        return Err(ReadError::limit("NESTING_MAX", NESTING_MAX as u64, "values in values"));
    }
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| walk(value, depth + 1, reading)),
        Value::Object(members) => {
            if members.contains_key("kty") {
                return key(members, reading);
            }
            members.values().try_for_each(|value| walk(value, depth + 1, reading))
        }
        Value::String(text) if is_token(text) => token(text, depth + 1, reading),
        _ => Ok(()),
    }
}

/// One key: its certificates say when it ends, or it does itself, or nobody does.
fn key(members: &Map<String, Value>, reading: &mut Reading) -> Result<(), ReadError> {
    let name = members.get("kid").and_then(Value::as_str).unwrap_or("without kid");
    let name = format!("key {name}");
    let has_chain = chain(members, &name, reading)?;
    let dated = dates(Dated::new(Role::Key, &name), members);
    if dated.until.is_some() || !has_chain { reading.push(dated) } else { Ok(()) }
}

/// The certificates of `x5c`, the first of them being that of the key. Standard base64, unlike all else around it.
fn chain(members: &Map<String, Value>, name: &str, reading: &mut Reading) -> Result<bool, ReadError> {
    let Some(chain) = members.get("x5c") else { return Ok(false) };
    let texts = chain.as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, text) in texts.iter().enumerate() {
        let no_base64 = || ReadError::malformed("certificate", "it is no base64");
        let der = text.as_str().and_then(base64::standard).ok_or_else(no_base64);
        match der.and_then(|der| certificate(&der)) {
            Ok(dated) => {
                let name = format!("{name}: {}", dated.name);
                reading.push(dated.named(&name))?;
            }
            Err(error) => reading.fault(format!("{name}, x5c {}", index + 1), error)?,
        }
    }
    Ok(!texts.is_empty())
}

/// `exp` and `nbf`: seconds, which may have a fraction. From `exp` on it has ended (RFC 7519, 4.1.4).
fn dates(dated: Dated, members: &Map<String, Value>) -> Dated {
    let second = |key| members.get(key).and_then(whole_second);
    let until = second("exp").map(|exp| Term::of_second(exp.saturating_sub(1)));
    Dated { from: second("nbf").and_then(|nbf| Timestamp::from_second(nbf).ok()), until, ..dated }
}

#[expect(clippy::cast_possible_truncation, reason = "a second beyond all calendars stays beyond them")]
fn whole_second(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|second| second.floor() as i64))
}
