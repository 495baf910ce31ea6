//! Header fields, as archives (ISO 28500, 4) and HTTP (RFC 9112, 5) write them.

/// The fields of a header block, in their order. Values are trimmed, and lines that continue a value are joined to it by
/// a space; lines without a colon are passed over.
#[derive(Debug)]
pub(super) struct NamedFields(Vec<(String, String)>);

/// A block has more fields than were allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooManyFields;

impl NamedFields {
    /// Reads the lines behind a block's first. Bytes that are not UTF-8 become U+FFFD.
    pub(super) fn parse(block: &[u8], limit: usize) -> Result<Self, TooManyFields> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in block.split(|&byte| byte == b'\n').skip(1) {
            let line = String::from_utf8_lossy(line);
            match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
                (true, Some((_, value)), _) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (false, _, Some((name, value))) => {
                    if fields.len() == limit {
                        return Err(TooManyFields);
                    }
                    fields.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                _ => {}
            }
        }
        Ok(Self(fields))
    }

    /// The value of the first field of this name that has one; names do not tell case apart.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty())
    }
}

/// Where the empty line that ends a header block ends, with either line end.
pub(super) fn block_end(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).find_map(|at| match &bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}
