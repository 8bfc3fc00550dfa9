//! Caps on what decoding may bring forth.

use super::limits::InputLimits;
use super::meter::Meter;
use std::io::{self, Read};
use std::sync::Arc;

/// A limit was met while decoding; travels inside the `io::Error` of the read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum CapError {
    /// `decoded_bytes_max`.
    #[error(
        "the feed is longer than {max} bytes after decompression (`decoded_bytes_max`): raise the limit if it is meant"
    )]
    DecodedBytes {
        /// The limit.
        max: u64,
    },
    /// `ratio_max`.
    #[error(
        "the feed grows more than {max} times on decompression (`ratio_max`), as bombs do: raise the limit \
         if it is meant"
    )]
    Ratio {
        /// The limit.
        max: u64,
    },
}

/// A reader of decoded bytes that stops at the caps.
pub(crate) struct Capped<R> {
    inner: R,
    decoded: u64,
    raw: Arc<Meter>,
    limits: InputLimits,
}

impl<R> Capped<R> {
    /// `raw` counts what `inner` took in to produce its bytes.
    pub(crate) fn new(inner: R, raw: Arc<Meter>, limits: InputLimits) -> Self {
        Self { inner, decoded: 0, raw, limits }
    }

    fn check(&self) -> Result<(), CapError> {
        let limits = &self.limits;
        if self.decoded > limits.decoded_bytes_max {
            return Err(CapError::DecodedBytes { max: limits.decoded_bytes_max });
        }
        let allowed = self.raw.bytes().saturating_mul(limits.ratio_max).max(limits.ratio_free_bytes);
        if self.decoded > allowed {
            return Err(CapError::Ratio { max: limits.ratio_max });
        }
        Ok(())
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.decoded += count as u64;
        self.check().map_err(io::Error::other)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::meter::Metered;
    use super::*;

    /// Reads `decoded` bytes made of `raw` delivered ones.
    #[track_caller]
    fn case(raw: usize, decoded: usize, limits: InputLimits, expected: Option<&CapError>) {
        let meter = Arc::new(Meter::default());
        let delivered = vec![0; raw];
        io::copy(&mut Metered::new(&delivered[..], Arc::clone(&meter)), &mut io::sink()).expect("reads");
        let bytes = vec![b'x'; decoded];
        let found = io::copy(&mut Capped::new(&bytes[..], meter, limits), &mut io::sink());
        let found = found
            .err()
            .map(|error| *error.into_inner().expect("ours").downcast::<CapError>().expect("a cap"));
        assert_eq!(found.as_ref(), expected);
    }

    #[test]
    fn decoded_bytes_max() {
        let limits = InputLimits { decoded_bytes_max: 1000, ..InputLimits::default() };
        case(1000, 1000, limits, None);
        case(1001, 1001, limits, Some(&CapError::DecodedBytes { max: 1000 }));
    }

    #[test]
    fn ratio_max() {
        let limits = InputLimits { ratio_max: 10, ratio_free_bytes: 0, ..InputLimits::default() };
        case(100, 1000, limits, None);
        case(100, 1001, limits, Some(&CapError::Ratio { max: 10 }));
    }

    #[test]
    fn ratio_free_bytes() {
        let limits = InputLimits { ratio_max: 10, ratio_free_bytes: 5000, ..InputLimits::default() };
        case(100, 5000, limits, None);
        case(100, 5001, limits, Some(&CapError::Ratio { max: 10 }));
    }
}
