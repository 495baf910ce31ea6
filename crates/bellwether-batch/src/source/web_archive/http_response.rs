//! The head of an archived HTTP response (RFC 9112).

use super::named_fields::{NamedFields, block_end};

/// The largest head of an HTTP response that is read, in bytes: 64 KiB.
pub const MAX_HTTP_HEADER_BYTES: usize = 64 << 10;

/// The most fields that the head of an HTTP response may have: 256.
pub const MAX_HTTP_HEADERS: usize = 256;

/// What is wanted of the head of a response.
#[derive(Debug, Default)]
pub(super) struct HttpHead {
    /// `Content-Type`.
    pub(super) media_type: Option<MediaType>,
    /// Whether `Transfer-Encoding` ends in `chunked`.
    pub(super) is_chunked: bool,
    /// `Content-Encoding`, in lower case.
    pub(super) content_encoding: Option<String>,
    /// Where the body begins.
    pub(super) body: usize,
}

/// Why there is no head to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeadError {
    /// It does not begin with `HTTP/`.
    NotHttp,
    /// It is larger than [`MAX_HTTP_HEADER_BYTES`].
    TooLarge,
    /// It has more than [`MAX_HTTP_HEADERS`] fields.
    TooManyFields,
}

impl HttpHead {
    /// Reads the head of a response that `block` begins with; a block without an empty line is all head.
    pub(super) fn parse(block: &[u8]) -> Result<Self, HeadError> {
        if !block.starts_with(b"HTTP/") {
            return Err(HeadError::NotHttp);
        }
        let within = &block[..block.len().min(MAX_HTTP_HEADER_BYTES)];
        let body = match block_end(within) {
            Some(end) => end,
            None if within.len() == block.len() => block.len(),
            None => return Err(HeadError::TooLarge),
        };
        let fields = NamedFields::parse(&block[..body], MAX_HTTP_HEADERS).map_err(|_| HeadError::TooManyFields)?;
        let ends_chunked =
            |coding: &str| coding.rsplit(',').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"));
        Ok(Self {
            media_type: fields.get("Content-Type").map(MediaType::parse),
            is_chunked: fields.get("Transfer-Encoding").is_some_and(ends_chunked),
            content_encoding: fields.get("Content-Encoding").map(str::to_ascii_lowercase),
            body,
        })
    }
}

/// A media type (RFC 9110, 8.3.1), as far as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaType {
    /// The type and subtype, in lower case.
    pub(super) essence: String,
    /// The `charset` parameter.
    pub(super) charset: Option<String>,
}

impl MediaType {
    pub(super) fn parse(value: &str) -> Self {
        let mut parts = value.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let charset = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let value = value.trim().trim_matches(['"', '\'']);
            (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
        });
        Self { essence, charset }
    }
}
