//! A page as it was served, and the document it becomes.

use std::borrow::Cow;

use super::body::{self, BodyError, MAX_BODY_BYTES};
use super::charset;
use super::html_text;
use super::http_response::{HttpHead, MediaType};
use super::limited_tree::{MAX_HTML_ATTRIBUTES, MAX_HTML_DEPTH, MAX_HTML_NODES, MAX_TAG_ATTRIBUTES, MAX_TAG_BYTES, TreeLimit};
use super::record_header::RecordHeader;
use crate::{Document, RecordError, RecordErrorKind};

/// The body of an archived response, still as it came over the wire.
#[derive(Debug)]
pub(in crate::source) struct Page {
    header: RecordHeader,
    place: String,
    is_html: bool,
    charset: Option<String>,
    is_chunked: bool,
    content_encoding: Option<String>,
    body: Vec<u8>,
}

impl Page {
    /// A page, if the response holds one: HTML, XHTML or plain text, by HTTP's `Content-Type`, or if there is none by what
    /// the crawler took it for. Records of other protocols than HTTP hold none.
    pub(super) fn is_wanted(header: &RecordHeader, head: &HttpHead) -> bool {
        let essence = media_type(header, head).map(|media_type| media_type.essence);
        matches!(essence.as_deref(), Some("text/html" | "application/xhtml+xml" | "text/plain"))
    }

    /// The page in a response that is [wanted](Self::is_wanted).
    pub(super) fn new(header: RecordHeader, place: String, head: HttpHead, block: &[u8]) -> Self {
        let media_type = media_type(&header, &head);
        Self {
            place,
            is_html: media_type.as_ref().is_some_and(|media_type| media_type.essence != "text/plain"),
            charset: media_type.and_then(|media_type| media_type.charset),
            is_chunked: head.is_chunked,
            content_encoding: head.content_encoding,
            body: block[head.body..].to_owned(),
            header,
        }
    }

    pub(in crate::source) fn bytes(&self) -> usize {
        self.body.len()
    }

    pub(in crate::source) fn into_document(self) -> Result<Document, RecordError> {
        let Self { header, place, is_html, charset, is_chunked, content_encoding, body } = self;
        let wire = Wire { is_chunked, content_encoding: content_encoding.as_deref(), is_truncated: header.is_truncated };
        match text(body, &wire, is_html, charset.as_deref()) {
            Ok(text) => Ok(Document { date: header.date, digest: header.payload_digest, ..Document::new(header.id, text) }),
            Err((kind, detail)) => {
                let message = format!("{place} ({}): {detail}", header.id);
                Err(RecordError::new(header.id.into(), kind, message))
            }
        }
    }
}

fn media_type(header: &RecordHeader, head: &HttpHead) -> Option<MediaType> {
    head.media_type.clone().or_else(|| header.identified_type.as_deref().map(MediaType::parse))
}

/// How a body was wrapped for its way.
struct Wire<'a> {
    is_chunked: bool,
    content_encoding: Option<&'a str>,
    is_truncated: bool,
}

fn text(body: Vec<u8>, wire: &Wire<'_>, is_html: bool, charset: Option<&str>) -> Result<String, BodyError> {
    let body = if wire.is_chunked {
        let damaged = || (RecordErrorKind::MalformedRecord, "its body is in chunks, and one is damaged or missing".to_owned());
        body::join_chunks(body, wire.is_truncated).ok_or_else(damaged)?
    } else {
        body
    };
    let body = body::decompress(body, wire.content_encoding, wire.is_truncated)?;
    let page = charset::decode(&body, charset);
    if page.len() > MAX_BODY_BYTES {
        // Some charsets need fewer bytes for the same text.
        return Err((RecordErrorKind::LimitExceeded, format!("the text is over the limit of {MAX_BODY_BYTES} bytes")));
    }
    if !is_html {
        return Ok(Cow::into_owned(page));
    }
    html_text::extract(&page).map_err(|limit| {
        let detail = match limit {
            TreeLimit::Depth => format!("its elements are nested deeper than the limit of {MAX_HTML_DEPTH}"),
            TreeLimit::Nodes => format!("it has more nodes than the limit of {MAX_HTML_NODES}"),
            TreeLimit::Attributes => format!("its elements have more attributes than the limit of {MAX_HTML_ATTRIBUTES}"),
            TreeLimit::TagAttributes => format!("a tag has more attributes than the limit of {MAX_TAG_ATTRIBUTES}"),
            TreeLimit::TagBytes => format!("a tag has more bytes than the limit of {MAX_TAG_BYTES}"),
        };
        (RecordErrorKind::LimitExceeded, detail)
    })
}
