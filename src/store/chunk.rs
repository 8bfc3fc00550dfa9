//! Packed bytes in rows of a bounded size, in order.

use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::row;
use super::sql::Sql;
use std::fs::File;
use std::io::{self, Read, Seek, Write};

/// Bytes of one row that holds a part of a feed or a report.
pub const CHUNK_BYTES: usize = 1 << 20;

/// A table whose rows hold parts of what belongs together; the values of its key come first in every statement.
pub(super) struct Chunks {
    /// Behind the key: position, bytes.
    pub(super) insert: Sql,
    /// Behind the key: position.
    pub(super) read: Sql,
    /// All parts.
    pub(super) forget: Sql,
}

/// Why bytes cannot be handed over.
#[derive(Debug)]
pub(super) enum ChunkError {
    Store(StoreError),
    /// A file on the way.
    File(io::Error),
}

impl ChunkError {
    /// As an error of the store; the file's as its owner tells it.
    pub(super) fn of(self, file: impl FnOnce(io::Error) -> StoreError) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::File(error) => file(error),
        }
    }
}

impl From<StoreError> for ChunkError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for ChunkError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Chunks {
    /// Stores a file from its beginning.
    pub(super) async fn write(
        &self,
        connection: &mut Connection,
        key: &[Parameter<'_>],
        mut file: &File,
    ) -> Result<(), ChunkError> {
        file.rewind()?;
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        for position in 0_i64.. {
            chunk.clear();
            file.take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
            if chunk.is_empty() {
                break;
            }
            let values = [key, &[position.into(), chunk.as_slice().into()]].concat();
            connection.execute("keep packed bytes", self.insert, &values).await?;
        }
        Ok(())
    }

    /// Hands over all parts in order; gives back how many bytes they have.
    pub(super) async fn read(
        &self,
        connection: &mut Connection,
        key: &[Parameter<'_>],
        out: &mut (impl Write + Send),
    ) -> Result<u64, ChunkError> {
        let mut written = 0;
        for position in 0_i64.. {
            let values = [key, &[position.into()]].concat();
            let chunk: Option<String> = connection.row("read packed bytes", self.read, &values).await?;
            let Some(chunk) = chunk else { break };
            let unreadable = || io::Error::new(io::ErrorKind::InvalidData, "not hexadecimal");
            let bytes = row::from_hex(&chunk).ok_or_else(unreadable)?;
            out.write_all(&bytes)?;
            written += bytes.len() as u64;
        }
        Ok(written)
    }

    /// Removes all parts.
    pub(super) async fn forget(
        &self,
        connection: &mut Connection,
        key: &[Parameter<'_>],
    ) -> Result<(), StoreError> {
        connection.execute("forget packed bytes", self.forget, key).await.map(drop)
    }
}
