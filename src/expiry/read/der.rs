//! Steps through structures in DER, by the reader of the `der` crate: what stands in them is taken as it comes, so that
//! nothing is sorted, and nothing is read that is not asked for.

use super::ReadError;
use der::asn1::{ContextSpecific, ObjectIdentifier, OctetStringRef};
use der::{AnyRef, Decode, Reader, SliceReader, Tag, TagNumber, Tagged};

/// The values in a sequence or set, one after the other.
pub(super) struct Values<'a> {
    expected: &'static str,
    reader: SliceReader<'a>,
}

impl<'a> Values<'a> {
    /// The values in the bytes of a sequence; nothing may stand behind it.
    pub(super) fn of(expected: &'static str, bytes: &'a [u8]) -> Result<Self, ReadError> {
        let whole = AnyRef::from_der(bytes).map_err(|error| ReadError::malformed(expected, error))?;
        Self::inside(expected, whole, Tag::Sequence)
    }

    /// The values in a value with this tag.
    pub(super) fn inside(expected: &'static str, value: AnyRef<'a>, tag: Tag) -> Result<Self, ReadError> {
        if value.tag() != tag {
            let found = value.tag();
            return Err(ReadError::malformed(expected, format!("{found} stands where {tag} should")));
        }
        Self::of_contents(expected, value.value())
    }

    /// The values in these bytes, which no tag goes before.
    pub(super) fn of_contents(expected: &'static str, bytes: &'a [u8]) -> Result<Self, ReadError> {
        let reader = SliceReader::new(bytes).map_err(|error| ReadError::malformed(expected, error))?;
        Ok(Self { expected, reader })
    }

    /// Whether there are no more.
    pub(super) fn is_over(&self) -> bool {
        self.reader.is_finished()
    }

    /// The next value, whatever it is.
    pub(super) fn any(&mut self) -> Result<AnyRef<'a>, ReadError> {
        self.next()
    }

    /// The next value, decoded.
    pub(super) fn next<T: Decode<'a>>(&mut self) -> Result<T, ReadError> {
        self.reader.decode().map_err(|error| ReadError::malformed(self.expected, error))
    }

    /// The values in the next value, a sequence.
    pub(super) fn sequence(&mut self) -> Result<Self, ReadError> {
        let value = self.any()?;
        Self::inside(self.expected, value, Tag::Sequence)
    }

    /// The next value as it stands, tag and all.
    pub(super) fn raw(&mut self) -> Result<&'a [u8], ReadError> {
        self.reader.tlv_bytes().map_err(|error| ReadError::malformed(self.expected, error))
    }

    /// An identifier.
    pub(super) fn identifier(&mut self) -> Result<ObjectIdentifier, ReadError> {
        self.next()
    }

    /// Octets.
    pub(super) fn octets(&mut self) -> Result<&'a [u8], ReadError> {
        self.next::<OctetStringRef<'a>>().map(|octets| octets.as_bytes())
    }

    /// The value in the next one, which is tagged with 0.
    pub(super) fn explicit(&mut self) -> Result<AnyRef<'a>, ReadError> {
        let wrapped = ContextSpecific::<AnyRef<'a>>::decode_explicit(&mut self.reader, TagNumber::N0)
            .map_err(|error| ReadError::malformed(self.expected, error))?;
        let missing = || ReadError::malformed(self.expected, "a part of it is missing");
        wrapped.map(|wrapped| wrapped.value).ok_or_else(missing)
    }

    /// The contents of the next value, if it is tagged with this number and takes its tag's place.
    pub(super) fn implicit(&mut self, number: TagNumber) -> Result<Option<&'a [u8]>, ReadError> {
        let is_next = |tag: Tag| matches!(tag, Tag::ContextSpecific { number: found, .. } if found == number);
        if self.is_over() || !self.reader.peek_tag().is_ok_and(is_next) {
            return Ok(None);
        }
        self.any().map(|value| Some(value.value()))
    }
}
