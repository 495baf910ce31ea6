//! The header of an archive's record (ISO 28500, 5).

use super::named_fields::NamedFields;

/// How the first line of every record begins.
pub(super) const VERSION: &[u8] = b"WARC/1.";

/// What is wanted of a record's header.
#[derive(Debug)]
pub(super) struct RecordHeader {
    /// `WARC-Type`, in lower case.
    pub(super) kind: String,
    /// `WARC-Target-URI` without the angle brackets that some writers put around it, else `WARC-Record-ID`.
    pub(super) id: String,
    /// `Content-Length`: the bytes of the block.
    pub(super) length: u64,
    pub(super) date: Option<String>,
    pub(super) payload_digest: Option<String>,
    pub(super) content_type: Option<String>,
    /// `WARC-Identified-Payload-Type`: what the crawler took the page for.
    pub(super) identified_type: Option<String>,
    /// Whether the crawler says that it cut the block short.
    pub(super) is_truncated: bool,
}

impl RecordHeader {
    /// Takes what is wanted from the fields; the error says what is wrong with them.
    pub(super) fn new(fields: &NamedFields) -> Result<Self, String> {
        let required = |name| fields.get(name).ok_or_else(|| format!("the header has no {name}"));
        let optional = |name| fields.get(name).map(str::to_owned);
        let length = required("Content-Length")?;
        let record_id = required("WARC-Record-ID")?;
        let bare = |uri: &str| uri.trim_start_matches('<').trim_end_matches('>').to_owned();
        Ok(Self {
            kind: required("WARC-Type")?.to_ascii_lowercase(),
            id: bare(fields.get("WARC-Target-URI").unwrap_or(record_id)),
            length: length.parse().map_err(|_| format!("its Content-Length is {length:?}"))?,
            date: optional("WARC-Date"),
            payload_digest: optional("WARC-Payload-Digest"),
            content_type: optional("Content-Type"),
            identified_type: optional("WARC-Identified-Payload-Type"),
            is_truncated: fields.get("WARC-Truncated").is_some(),
        })
    }
}
