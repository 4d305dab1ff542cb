//! Bytes in a store that is used again and again, so that it is cleared and grown once and not for every block.

use std::io::{self, Read};

/// A growing run of bytes in a store that keeps its size.
#[derive(Debug, Clone, Default)]
pub struct Buffer {
    /// As long as it ever was; only the first `len` bytes mean anything.
    store: Vec<u8>,
    len: usize,
}

/// Texts up to this length are copied as a whole, which costs less than copying their exact length.
pub const WIDE: usize = 32;

impl Buffer {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.store[..self.len]
    }

    /// Forgets the bytes.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Forgets all bytes behind the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Makes sure that `room` more bytes fit.
    pub fn reserve(&mut self, room: usize) {
        let wanted = self.len + room;
        if self.store.len() < wanted {
            self.store.resize(wanted.max(self.store.len() * 2), 0);
        }
    }

    /// Adds bytes.
    #[inline(never)]
    pub fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.store[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Adds the first `len` of some bytes.
    #[inline(always)]
    pub fn push_first(&mut self, bytes: &[u8], len: usize) {
        match bytes.first_chunk() {
            Some(wide) if len <= WIDE => self.push_wide(wide, len),
            _ => self.push(&bytes[..len]),
        }
    }

    /// Adds the first `len` of 32 bytes.
    #[inline(always)]
    pub fn push_wide(&mut self, bytes: &[u8; WIDE], len: usize) {
        match self.store.get_mut(self.len..self.len + WIDE).and_then(|room| room.first_chunk_mut()) {
            Some(room) => {
                *room = *bytes;
                self.len += len.min(WIDE);
            }
            None => self.push(&bytes[..len]),
        }
    }

    /// Adds one byte.
    pub fn push_byte(&mut self, byte: u8) {
        if self.store.len() == self.len {
            self.reserve(1);
        }
        self.store[self.len] = byte;
        self.len += 1;
    }

    /// Puts another byte in the place of the last one.
    pub fn replace_last(&mut self, byte: u8) {
        if self.len > 0 {
            self.store[self.len - 1] = byte;
        }
    }

    /// Reads until the buffer holds `target` bytes or the source ends; tells whether it ended.
    pub(super) fn fill(&mut self, source: &mut impl Read, target: usize) -> io::Result<bool> {
        self.reserve(target.saturating_sub(self.len));
        while self.len < target {
            match source.read(&mut self.store[self.len..target]) {
                Ok(0) => return Ok(true),
                Ok(n) => self.len += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}
