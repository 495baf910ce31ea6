//! How pages are compressed.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::bufread::MultiGzDecoder;

use super::failure::Failure;
use crate::RecordErrorKind;
use crate::source::compression::ZstandardFrames;

/// A compression that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Snappy,
    Gzip,
    Brotli,
    Zstandard,
    Lz4,
}

impl Codec {
    /// By the number that Parquet gives it.
    pub(super) fn of_number(number: i64) -> Result<Self, Failure> {
        Ok(match number {
            0 => Self::None,
            1 => Self::Snappy,
            2 => Self::Gzip,
            4 => Self::Brotli,
            6 => Self::Zstandard,
            7 => Self::Lz4,
            other => {
                let name = match other {
                    3 => "LZO",
                    5 => "the old form of LZ4",
                    _ => "an unknown compression",
                };
                let detail = format!(
                    "it is compressed with {name}, which is not read: write the file anew with snappy, gzip, zstd, brotli or lz4_raw"
                );
                return Err(Failure::new(RecordErrorKind::UnsupportedEncoding, detail));
            }
        })
    }

    /// Unpacks a page that has `length` bytes when unpacked, which the caller has held to a limit.
    pub(super) fn unpack(self, packed: &[u8], length: usize) -> Result<Vec<u8>, Failure> {
        let plain = match self {
            Self::None => packed.to_vec(),
            Self::Snappy => {
                let stated = snap::raw::decompress_len(packed).map_err(Failure::damaged)?;
                if stated != length {
                    return Err(wrong_length());
                }
                snap::raw::Decoder::new().decompress_vec(packed).map_err(Failure::damaged)?
            }
            Self::Gzip => read(MultiGzDecoder::new(packed), length)?,
            Self::Brotli => read(Decompressor::new(packed, 4 << 10), length)?,
            Self::Zstandard => read(ZstandardFrames::new(packed), length)?,
            Self::Lz4 => lz4_flex::block::decompress(packed, length).map_err(Failure::damaged)?,
        };
        if plain.len() == length { Ok(plain) } else { Err(wrong_length()) }
    }
}

fn wrong_length() -> Failure {
    Failure::damaged("a page is not as long as its header says")
}

fn read(unpacked: impl Read, length: usize) -> Result<Vec<u8>, Failure> {
    let mut plain = Vec::new();
    unpacked.take(length as u64 + 1).read_to_end(&mut plain)?;
    Ok(plain)
}
