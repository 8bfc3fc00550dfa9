//! Base64 as people and programs write it.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padding is often forgotten, and nothing hangs on it.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Decodes standard base64; white space between its characters means nothing.
pub(super) fn standard(text: &str) -> Option<Vec<u8>> {
    let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    GeneralPurpose::new(&STANDARD, LENIENT).decode(dense).ok()
}

/// Decodes the alphabet that is safe in addresses, as tokens use it.
pub(super) fn url(text: &str) -> Option<Vec<u8>> {
    GeneralPurpose::new(&URL_SAFE, LENIENT).decode(text).ok()
}
