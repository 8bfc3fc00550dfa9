//! A profile as bytes: a version, then its fields. What comes back from a database may be of an older version, or
//! anything.

use super::limits::PACKED_BYTES_MAX;
use super::profile::Profile;

/// Version of the form; to be raised with every change of [`Profile`].
const VERSION: u8 = 1;

/// Why bytes are no profile that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackedError {
    /// Of another version of the form; what was gathered by it is no baseline any more.
    #[error("the profile is packed in form {found}, {VERSION} is read")]
    Version {
        /// The version that it says.
        found: u8,
    },
    /// More than [`PACKED_BYTES_MAX`].
    #[error("the packed profile has {0} bytes, {PACKED_BYTES_MAX} are allowed")]
    TooLarge(usize),
    /// Cut off, or never packed by us.
    #[error("the packed profile is damaged")]
    Damaged,
}

impl Profile {
    /// The profile as bytes; equal profiles are equal bytes.
    ///
    /// # Panics
    /// Never: a profile has no part that cannot be packed.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![VERSION]).expect("a profile is maps, lists, texts and numbers")
    }

    /// The profile that was packed.
    ///
    /// # Errors
    /// The bytes are none of a profile of this version, or of one that is larger than any that is gathered.
    pub fn unpack(packed: &[u8]) -> Result<Self, PackedError> {
        if packed.len() > PACKED_BYTES_MAX {
            return Err(PackedError::TooLarge(packed.len()));
        }
        let (version, fields) = packed.split_first().ok_or(PackedError::Damaged)?;
        if *version != VERSION {
            return Err(PackedError::Version { found: *version });
        }
        let (profile, rest) = postcard::take_from_bytes::<Self>(fields).map_err(|_| PackedError::Damaged)?;
        if rest.is_empty() && profile.is_sound() { Ok(profile) } else { Err(PackedError::Damaged) }
    }
}
