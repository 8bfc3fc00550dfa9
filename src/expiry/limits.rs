//! How much of anything is looked at. What goes beyond is told as [`State::Unreadable`](super::State::Unreadable), with
//! the name of the limit; of an inventory it is an error.

/// Bytes of one file that is watched.
pub const FILE_BYTES_MAX: u64 = 16 << 20;
/// Bytes of an inventory.
pub const INVENTORY_BYTES_MAX: u64 = 1 << 20;
/// Bytes of a file with a password.
pub const PASSWORD_BYTES_MAX: u64 = 4 << 10;
/// Things of an inventory: each has series of its own.
pub const THINGS_MAX: usize = 1_000;
/// Tags of a thing.
pub const TAGS_MAX: usize = 16;
/// Characters of a text of the inventory.
pub const TEXT_CHARS_MAX: usize = 300;
/// Certificates, keys and the like of one file.
pub const ENTRIES_MAX: usize = 10_000;
/// The same, of all files of one thing.
pub const ITEMS_MAX: usize = 20_000;
/// Files of a folder and those below it.
pub const FILES_MAX: usize = 10_000;
/// How deep folders are looked into.
pub const FOLDER_DEPTH_MAX: usize = 8;
/// Rounds of key derivation that opening one key store may take, all of it together.
pub const ROUNDS_MAX: u64 = 2_000_000;
/// Bytes of memory that opening one key store may take at a time (scrypt).
pub const SCRYPT_BYTES_MAX: u64 = 64 << 20;
/// Parts of a PKCS#12 store, and bags in bags.
pub const SAFES_MAX: usize = 1_000;
/// How deep bags of a PKCS#12 store lie in bags, and values of JSON in values.
pub const NESTING_MAX: usize = 32;
/// Bytes of a response of OCSP.
pub const OCSP_BYTES_MAX: u64 = 64 << 10;
/// Certificates that an endpoint may serve.
pub const SERVED_MAX: usize = 100;
/// Characters that are kept of the name of a certificate.
pub const NAME_CHARS_MAX: usize = 200;
/// Bytes of a key set or token.
pub const JSON_BYTES_MAX: u64 = 1 << 20;
