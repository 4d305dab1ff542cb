//! Where a file's bytes come from: as they stand, unpacked, or in another encoding; digested on the way.

use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use encoding_rs::DecoderResult;
use flate2::bufread::MultiGzDecoder;

use super::encoding::Encoding;

/// A source that may be handed to another thread.
pub(super) type Source<'a> = Box<dyn Read + Send + 'a>;

/// What makes a file unreadable from some place on, although the system has no complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("the compressed file is cut off")]
    CutOff,
    #[error("the compressed file is damaged")]
    Damaged,
    #[error("bytes that are no text in {}", .0.name())]
    NotText(Encoding),
}

impl Broken {
    /// Finds it in an error of a source.
    pub fn of(error: &io::Error) -> Option<Broken> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl From<Broken> for io::Error {
    fn from(broken: Broken) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, broken)
    }
}

/// BLAKE3 of the bytes that a source has given so far.
#[derive(Clone, Default)]
pub(super) struct Digest(Arc<Mutex<blake3::Hasher>>);

impl Digest {
    /// The digest, and how many bytes there were.
    pub fn of_all(&self) -> (String, u64) {
        let hasher = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (hasher.finalize().to_hex().to_string(), hasher.count())
    }

    /// A source whose bytes are digested.
    pub fn tap<R: Read>(&self, source: R) -> impl Read + use<R> {
        Tap { source, digest: self.clone() }
    }
}

struct Tap<R> {
    source: R,
    digest: Digest,
}

impl<R: Read> Read for Tap<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(room)?;
        self.digest.0.lock().unwrap_or_else(PoisonError::into_inner).update(&room[..n]);
        Ok(n)
    }
}

/// The bytes packed in a gzip file, of all its members.
pub(super) fn gunzip<'a>(source: impl Read + Send + 'a) -> Source<'a> {
    Box::new(Gunzip(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, source))))
}

struct Gunzip<R>(MultiGzDecoder<R>);

impl<R: io::BufRead> Read for Gunzip<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.read(room).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Broken::CutOff.into(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Broken::Damaged.into(),
            _ => error,
        })
    }
}

/// Text of another encoding, as UTF-8.
pub(super) fn transcode<'a>(source: impl Read + Send + 'a, encoding: Encoding) -> Source<'a> {
    let decoder = encoding.decoder();
    Box::new(Transcode {
        source,
        encoding,
        decoder,
        raw: vec![0; 1 << 16],
        unread: 0..0,
        text: vec![0; 1 << 17],
        ready: 0..0,
        at_end: false,
        broken: false,
    })
}

struct Transcode<R> {
    source: R,
    encoding: Encoding,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    /// The part of `raw` that has not been decoded.
    unread: std::ops::Range<usize>,
    text: Vec<u8>,
    /// The part of `text` that has not been handed on.
    ready: std::ops::Range<usize>,
    at_end: bool,
    /// Whether what follows is no text.
    broken: bool,
}

impl<R: Read> Transcode<R> {
    /// Makes some more text ready; there is none only at the end.
    fn decode(&mut self) -> io::Result<()> {
        while self.ready.is_empty() {
            if self.broken {
                return Err(Broken::NotText(self.encoding).into());
            }
            if self.unread.is_empty() {
                if self.at_end {
                    return Ok(());
                }
                let n = self.source.read(&mut self.raw)?;
                (self.unread, self.at_end) = (0..n, n == 0);
            }
            let raw = &self.raw[self.unread.clone()];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(raw, &mut self.text, self.at_end);
            self.unread.start += read;
            self.ready = 0..written;
            self.broken = matches!(result, DecoderResult::Malformed(..));
        }
        Ok(())
    }
}

impl<R: Read> Read for Transcode<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.decode()?;
        let n = room.len().min(self.ready.len());
        room[..n].copy_from_slice(&self.text[self.ready.start..][..n]);
        self.ready.start += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn all(mut source: Source<'_>) -> (Vec<u8>, Option<Broken>) {
        let mut text = Vec::new();
        let error = source.read_to_end(&mut text).err();
        (text, error.as_ref().and_then(Broken::of))
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_follow_each_other_and_what_is_cut_off_is_noticed() {
        let mut bytes = packed(b"one\n");
        bytes.extend(packed(b"two\n"));
        assert_eq!(all(gunzip(&bytes[..])), (b"one\ntwo\n".to_vec(), None));
        assert_eq!(all(gunzip(&bytes[..bytes.len() - 3])), (b"one\ntwo\n".to_vec(), Some(Broken::CutOff)));
        let middle = bytes.len() / 4;
        bytes[middle] ^= 0x55;
        assert_eq!(all(gunzip(&bytes[..])).1, Some(Broken::Damaged));
    }

    #[test]
    fn other_encodings_are_decoded_however_they_are_cut() {
        /// Gives one byte at a time.
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
                let n = self.0.len().min(room.len()).min(1);
                room[..n].copy_from_slice(&self.0[..n]);
                self.0 = &self.0[n..];
                Ok(n)
            }
        }
        let utf16 = Encoding::parse("utf-16le").unwrap();
        let bytes: Vec<u8> = "\u{feff}Ñandú 𝄞\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(all(transcode(Drip(&bytes), utf16)), ("Ñandú 𝄞\n".as_bytes().to_vec(), None));
        // A half of a pair alone, and half a unit at the end.
        for bad in [&[0x61, 0, 0x34, 0xd8, 0x62, 0][..], &[0x61, 0, 0x62][..]] {
            assert_eq!(all(transcode(Drip(bad), utf16)), (b"a".to_vec(), Some(Broken::NotText(utf16))));
        }
    }
}
