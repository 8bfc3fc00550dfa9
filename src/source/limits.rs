//! What an input may cost, in bytes; counted while decoding, so that a bomb is met early.

/// How much of the delivered bytes one read asks for.
pub(crate) const RAW_READ_BYTES: usize = 256 * 1024;

/// Largest window a zstd frame may ask for, as a power of two: 32 MiB. Flat memory depends on it.
pub(crate) const ZSTD_WINDOW_LOG_MAX: u32 = 25;

/// Caps on one feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputLimits {
    /// Bytes of one feed after decompression.
    pub decoded_bytes_max: u64,
    /// Bytes after decompression for each byte delivered.
    pub ratio_max: u64,
    /// So many decoded bytes are free of the ratio cap: short texts may repeat themselves.
    pub ratio_free_bytes: u64,
}

impl InputLimits {
    /// Default of [`decoded_bytes_max`](Self::decoded_bytes_max).
    pub const DECODED_BYTES_MAX: u64 = 16 * 1024 * 1024 * 1024;
    /// Default of [`ratio_max`](Self::ratio_max). XML feeds compress 10 to 60 times.
    pub const RATIO_MAX: u64 = 250;
    /// Default of [`ratio_free_bytes`](Self::ratio_free_bytes).
    pub const RATIO_FREE_BYTES: u64 = 16 * 1024 * 1024;
}

impl Default for InputLimits {
    fn default() -> Self {
        Self {
            decoded_bytes_max: Self::DECODED_BYTES_MAX,
            ratio_max: Self::RATIO_MAX,
            ratio_free_bytes: Self::RATIO_FREE_BYTES,
        }
    }
}
