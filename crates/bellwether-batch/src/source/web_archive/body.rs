//! The body of an archived HTTP response, freed of what it was wrapped in for its way.

use std::io::Read;

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::RecordErrorKind;
use crate::source::compression::{Compression, ZstandardFrames};

/// The largest body of a page that is read, in bytes after decompression: 64 MiB.
pub const MAX_BODY_BYTES: usize = 64 << 20;

/// Why a body cannot be read.
pub(super) type BodyError = (RecordErrorKind, String);

/// Joins the chunks of a chunked body (RFC 9112, 7.1); trailers and extensions are passed over.
///
/// Some crawlers join the chunks themselves and keep the header that announces them, so a body that does not begin with a
/// chunk is left as it is. `None` if a later chunk is damaged, or if the last one is missing and `is_truncated` does
/// not say why.
pub(super) fn join_chunks(body: Vec<u8>, is_truncated: bool) -> Option<Vec<u8>> {
    let Some((mut size, mut rest)) = chunk_size(&body) else { return Some(body) };
    let mut joined = Vec::with_capacity(body.len());
    while size > 0 {
        let chunk = &rest[..size.min(rest.len())];
        joined.extend_from_slice(chunk);
        rest = &rest[chunk.len()..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        match chunk_size(rest) {
            Some(next) => (size, rest) = next,
            None if is_truncated => break,
            None => return None,
        }
    }
    Some(joined)
}

/// The size of a chunk, and what follows the line that states it.
fn chunk_size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    // No size needs more than 16 digits; the extensions behind it may be longer.
    let digits = bytes.iter().take(17).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let size = usize::from_str_radix(str::from_utf8(&bytes[..digits]).ok()?, 16).ok()?;
    let end = memchr::memchr(b'\n', &bytes[..bytes.len().min(4 << 10)])?;
    let behind = bytes[digits..end].trim_ascii();
    (behind.is_empty() || behind.starts_with(b";")).then(|| (size, &bytes[end + 1..]))
}

/// Decompresses a body by its `Content-Encoding` (RFC 9110, 8.4): gzip, deflate, zstd, or none.
///
/// Some crawlers decompress the body themselves and keep the header, so one that does not look compressed is left as it
/// is. With `is_truncated`, what can be decompressed of a body that breaks off is enough.
pub(super) fn decompress(body: Vec<u8>, encoding: Option<&str>, is_truncated: bool) -> Result<Vec<u8>, BodyError> {
    let compression = Compression::of_magic(&body);
    let plain = match encoding.unwrap_or("identity").trim() {
        "gzip" | "x-gzip" if compression == Some(Compression::Gzip) => Some(read(MultiGzDecoder::new(body.as_slice()))),
        "zstd" if compression == Some(Compression::Zstandard) => Some(read(ZstandardFrames::new(body.as_slice()))),
        // Many servers send bare deflate where RFC 9110 asks for zlib around it.
        "deflate" => match read(ZlibDecoder::new(body.as_slice())) {
            (_, Some(_)) => Some(read(DeflateDecoder::new(body.as_slice()))),
            sound => Some(sound),
        },
        "" | "identity" | "none" | "utf-8" | "gzip" | "x-gzip" | "zstd" => None,
        other => return Err((RecordErrorKind::UnsupportedEncoding, format!("its Content-Encoding is {other:?}"))),
    };
    match plain {
        None if body.len() > MAX_BODY_BYTES => Err(too_large()),
        None => Ok(body),
        Some((plain, _)) if plain.len() > MAX_BODY_BYTES => Err(too_large()),
        Some((plain, None)) => Ok(plain),
        Some((plain, Some(_))) if is_truncated && !plain.is_empty() => Ok(plain),
        Some((_, Some(error))) => {
            Err((RecordErrorKind::UnsupportedEncoding, format!("its body is not what Content-Encoding states: {error}")))
        }
    }
}

fn too_large() -> BodyError {
    (RecordErrorKind::LimitExceeded, format!("the body is over the limit of {MAX_BODY_BYTES} bytes"))
}

/// What can be read up to one byte over the limit, and the error that ended it.
fn read(compressed: impl Read) -> (Vec<u8>, Option<std::io::Error>) {
    let mut plain = Vec::new();
    let result = compressed.take(MAX_BODY_BYTES as u64 + 1).read_to_end(&mut plain);
    (plain, result.err())
}
