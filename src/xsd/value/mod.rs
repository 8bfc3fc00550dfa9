//! Lexical space → value space of the built-in atomic types, as Part 2 defines them.
//!
//! ```text
//!  literal ─ Grammar::check ─▶ in the lexical space, or a Lexical fault       allocates nothing
//!  literal ─ Grammar::value ─▶ Value: equality (Eq), order (partial), key (bytes)
//! ```
//!
//! Every [`Value`] is kept in one normal form, so that the derived equality *is* equality of the
//! value space: `1.0` and `1.00` are one decimal, `12:00:00+01:00` and `11:00:00Z` one time.
//!
//! Literals reach this module with their white space already normalised.

pub mod binary;
pub mod date_time;
pub mod decimal;
pub mod duration;
pub mod float;
pub mod name;
pub(crate) mod name_chars;
pub mod string;
pub mod uri;

use std::cmp::Ordering;

pub use date_time::Instant;
pub use decimal::Decimal;
pub use duration::Duration;
pub use float::Float;
pub use name::{Namespaces, NoNamespaces, Prefixes, QualifiedName};

/// The nineteen primitive types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the type of that name in the Recommendation")]
pub enum Primitive {
    String,
    Boolean,
    Decimal,
    Float,
    Double,
    Duration,
    DateTime,
    Time,
    Date,
    GYearMonth,
    GYear,
    GMonthDay,
    GDay,
    GMonth,
    HexBinary,
    Base64Binary,
    AnyUri,
    QName,
    Notation,
}

/// The lexical spaces of the built-in atomic types: a primitive type, or a derived one whose
/// pattern is better checked by hand than by a regular expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grammar {
    /// What the primitive type allows.
    Primitive(Primitive),
    /// `integer`: decimal digits with an optional sign.
    Integer,
    /// `language`.
    Language,
    /// `NMTOKEN`.
    NmToken,
    /// `Name`.
    Name,
    /// `NCName`.
    NcName,
}

/// Why a literal is not in a lexical space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lexical {
    /// It does not have the form the type asks for.
    Form,
    /// There is no such day in that month.
    NoSuchDay,
    /// There is no such month.
    NoSuchMonth,
    /// Hour, minute or second out of range.
    NoSuchTime,
    /// A time zone beyond fourteen hours.
    NoSuchZone,
    /// There is no year 0000.
    NoYearZero,
    /// More digits than the engine keeps (`date_time::YEAR_DIGITS_MAX`, `duration::DIGITS_MAX`).
    TooManyDigits,
    /// A prefix that is not declared here.
    PrefixUndeclared,
}

impl Grammar {
    /// The primitive type whose values these are.
    #[must_use]
    pub const fn primitive(self) -> Primitive {
        match self {
            Self::Primitive(primitive) => primitive,
            Self::Integer => Primitive::Decimal,
            Self::Language | Self::NmToken | Self::Name | Self::NcName => Primitive::String,
        }
    }

    /// Whether the literal is in the lexical space.
    pub fn check(self, text: &str, namespaces: &dyn Namespaces) -> Result<(), Lexical> {
        match self {
            Self::Primitive(primitive) => primitive.check(text, namespaces),
            Self::Integer => decimal::Digits::parse_integer(text).map(drop),
            Self::Language => string::language(text),
            Self::NmToken => string::nm_token(text),
            Self::Name => string::name(text),
            Self::NcName => string::nc_name(text),
        }
    }

    /// The value a literal of the lexical space stands for.
    pub fn value(self, text: &str, namespaces: &dyn Namespaces) -> Result<Value, Lexical> {
        if !matches!(self, Self::Primitive(_)) {
            self.check(text, namespaces)?;
        }
        self.primitive().value(text, namespaces)
    }
}

impl Primitive {
    fn check(self, text: &str, namespaces: &dyn Namespaces) -> Result<(), Lexical> {
        match self {
            Self::String => Ok(()),
            Self::Boolean => boolean(text).map(drop),
            Self::Decimal => decimal::Digits::parse(text).map(drop),
            Self::Float | Self::Double => float::check(text),
            Self::Duration => duration::check(text),
            Self::HexBinary => binary::check_hex(text),
            Self::Base64Binary => binary::check_base64(text),
            Self::AnyUri => uri::check(text),
            Self::QName | Self::Notation => name::resolve(text, namespaces).map(drop),
            _ => date_time::check(self, text),
        }
    }

    fn value(self, text: &str, namespaces: &dyn Namespaces) -> Result<Value, Lexical> {
        Ok(match self {
            Self::String => Value::String(text.into()),
            Self::Boolean => Value::Boolean(boolean(text)?),
            Self::Decimal => Value::Decimal(decimal::Digits::parse(text)?.into()),
            Self::Float => Value::Float(Float::single(text)?),
            Self::Double => Value::Double(Float::double(text)?),
            Self::Duration => Value::Duration(Box::new(Duration::parse(text)?)),
            Self::HexBinary => Value::HexBinary(binary::decode_hex(text)?),
            Self::Base64Binary => Value::Base64Binary(binary::decode_base64(text)?),
            Self::AnyUri => {
                uri::check(text)?;
                Value::AnyUri(text.into())
            }
            Self::QName => Value::QName(Box::new(QualifiedName::parse(text, namespaces)?)),
            Self::Notation => Value::Notation(Box::new(QualifiedName::parse(text, namespaces)?)),
            _ => Value::Instant(self, Box::new(Instant::parse(self, text)?)),
        })
    }
}

fn boolean(text: &str) -> Result<bool, Lexical> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Lexical::Form),
    }
}

/// A value in its normal form; equal values are equal here, whatever literals they came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// `string` and what is derived from it.
    String(Box<str>),
    /// `boolean`.
    Boolean(bool),
    /// `decimal` and the integers.
    Decimal(Decimal),
    /// `float`.
    Float(Float),
    /// `double`.
    Double(Float),
    /// `duration`.
    Duration(Box<Duration>),
    /// One of the eight date and time types.
    Instant(Primitive, Box<Instant>),
    /// `hexBinary`.
    HexBinary(Box<[u8]>),
    /// `base64Binary`.
    Base64Binary(Box<[u8]>),
    /// `anyURI`.
    AnyUri(Box<str>),
    /// `QName`.
    QName(Box<QualifiedName>),
    /// `NOTATION`.
    Notation(Box<QualifiedName>),
    /// The items of a list.
    List(Box<[Value]>),
}

impl Value {
    /// The order relation of Part 2; absent for incomparable values and for types without order.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Decimal(a), Self::Decimal(b)) => Some(a.cmp(b)),
            (Self::Float(a), Self::Float(b)) | (Self::Double(a), Self::Double(b)) => a.compare(*b),
            (Self::Duration(a), Self::Duration(b)) => a.compare(b),
            (Self::Instant(this, a), Self::Instant(that, b)) if this == that => a.compare(b),
            _ => (self == other).then_some(Ordering::Equal),
        }
    }

    /// Appends bytes that are the same for equal values, and differ for any two others, of whatever
    /// types. No key is the beginning of another.
    pub fn write_key(&self, out: &mut Vec<u8>) {
        out.push(self.tag());
        match self {
            Self::String(text) | Self::AnyUri(text) => write_bytes(text.as_bytes(), out),
            Self::Boolean(value) => out.push(u8::from(*value)),
            Self::Decimal(decimal) => decimal.digits().write_key(out),
            Self::Float(float) | Self::Double(float) => float.write_key(out),
            Self::Duration(duration) => duration.write_key(out),
            Self::Instant(_, instant) => instant.write_key(out),
            Self::HexBinary(bytes) | Self::Base64Binary(bytes) => write_bytes(bytes, out),
            Self::QName(name) | Self::Notation(name) => {
                write_bytes(name.namespace.as_bytes(), out);
                write_bytes(name.local.as_bytes(), out);
            }
            Self::List(items) => {
                write_length(items.len(), out);
                items.iter().for_each(|item| item.write_key(out));
            }
        }
    }

    fn tag(&self) -> u8 {
        match self {
            Self::String(_) => key_tag(Primitive::String),
            Self::Boolean(_) => key_tag(Primitive::Boolean),
            Self::Decimal(_) => key_tag(Primitive::Decimal),
            Self::Float(_) => key_tag(Primitive::Float),
            Self::Double(_) => key_tag(Primitive::Double),
            Self::Duration(_) => key_tag(Primitive::Duration),
            Self::Instant(primitive, _) => key_tag(*primitive),
            Self::HexBinary(_) => key_tag(Primitive::HexBinary),
            Self::Base64Binary(_) => key_tag(Primitive::Base64Binary),
            Self::AnyUri(_) => key_tag(Primitive::AnyUri),
            Self::QName(_) => key_tag(Primitive::QName),
            Self::Notation(_) => key_tag(Primitive::Notation),
            Self::List(_) => LIST_TAG,
        }
    }
}

/// Begins the key of a list; no primitive has it.
pub(crate) const LIST_TAG: u8 = 0xFF;

/// Begins the key of a value of the primitive type.
pub(crate) const fn key_tag(primitive: Primitive) -> u8 {
    primitive as u8
}

/// Appends a length, then the bytes.
pub(crate) fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// Appends a length in as many bytes as it needs, seven bits each.
pub(crate) fn write_length(length: usize, out: &mut Vec<u8>) {
    let mut rest = length;
    while rest >= 0x80 {
        out.push(low_seven(rest) | 0x80);
        rest >>= 7;
    }
    out.push(low_seven(rest));
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits are kept")]
fn low_seven(number: usize) -> u8 {
    (number & 0x7F) as u8
}

#[cfg(test)]
mod tests;
