//! Bytes on their way out, compressed or not.

use std::io::{self, BufWriter, Write};

use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, FrameCompressor};

use crate::source::Compression;

/// The plain bytes of a Zstandard frame: 1 MiB. The encoder takes a whole frame at once, so a file is one frame behind the
/// other, which every reader of Zstandard files takes for one stream.
pub const ZSTANDARD_FRAME_BYTES: usize = 1 << 20;

/// A writer that compresses what it is given.
pub(super) enum Compressed<W: Write> {
    Plain(BufWriter<W>),
    Gzip(Box<GzEncoder<BufWriter<W>>>),
    Zstandard { frame: Vec<u8>, packed: Vec<u8>, writer: BufWriter<W> },
}

impl<W: Write> Compressed<W> {
    pub(super) fn new(compression: Option<Compression>, writer: W) -> Self {
        let writer = BufWriter::new(writer);
        match compression {
            None => Self::Plain(writer),
            // Without a name and a time in its header.
            Some(Compression::Gzip) => Self::Gzip(Box::new(GzEncoder::new(writer, flate2::Compression::default()))),
            Some(Compression::Zstandard) => Self::Zstandard { frame: Vec::new(), packed: Vec::new(), writer },
        }
    }

    /// Writes what is still held, and the end.
    pub(super) fn finish(self) -> io::Result<W> {
        let writer = match self {
            Self::Plain(writer) => writer,
            Self::Gzip(encoder) => encoder.finish()?,
            Self::Zstandard { frame, mut packed, mut writer } => {
                // No bytes at all are one empty frame: an empty file is none of Zstandard.
                write_frame(&frame, &mut packed, &mut writer)?;
                writer
            }
        };
        writer.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

fn write_frame(frame: &[u8], packed: &mut Vec<u8>, writer: &mut impl Write) -> io::Result<()> {
    packed.clear();
    let mut compressor = FrameCompressor::new(CompressionLevel::Fastest);
    compressor.set_source(frame);
    compressor.set_drain(&mut *packed);
    compressor.compress();
    drop(compressor);
    writer.write_all(packed)
}

impl<W: Write> Write for Compressed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(writer) => writer.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstandard { frame, packed, writer } => {
                if frame.len() == ZSTANDARD_FRAME_BYTES {
                    write_frame(frame, packed, writer)?;
                    frame.clear();
                }
                let taken = bytes.len().min(ZSTANDARD_FRAME_BYTES - frame.len());
                frame.extend_from_slice(&bytes[..taken]);
                Ok(taken)
            }
        }
    }

    /// Hands on what is not compressed; members and frames are not ended early, so that the bytes do not depend on it.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.flush(),
            Self::Gzip(_) | Self::Zstandard { .. } => Ok(()),
        }
    }
}
