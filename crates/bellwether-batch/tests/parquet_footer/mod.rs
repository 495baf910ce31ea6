//! Parquet footers, written byte by byte (Thrift's compact protocol).

/// The element of a schema that is an optional column of texts: `optional binary text (utf8)`.
pub(crate) const TEXT_COLUMN: &[u8] = &[0x15, 12, 0x25, 2, 0x18, 4, b't', b'e', b'x', b't', 0x25, 0, 0];

/// A schema of so many groups, each within the one before, around a column of integers, and then of one more column.
pub(crate) fn nested(depth: usize, column: &[u8]) -> Vec<u8> {
    let size = depth + 2 + usize::from(!column.is_empty());
    // A list of structures, and how many.
    let mut schema = vec![0xfc];
    schema.extend([(size & 127 | 128) as u8, (size >> 7 & 127 | 128) as u8, (size >> 14) as u8]);
    // The root: a name, and how many children; twice the number, as signed numbers are written.
    schema.extend([0x48, 1, b'm', 0x15, 2 + 2 * u8::from(!column.is_empty()), 0]);
    for _ in 0..depth {
        schema.extend([0x35, 0, 0x18, 1, b'g', 0x15, 2, 0]);
    }
    schema.extend([0x15, 2, 0x25, 0, 0x18, 1, b'n', 0]);
    schema.extend(column);
    schema
}

/// A file without row groups whose footer has this schema and states so many rows, fewer than 64.
pub(crate) fn with_footer(schema: &[u8], rows: u8) -> Vec<u8> {
    let footer = [&[0x15, 2, 0x19], schema, &[0x16, rows * 2, 0x19, 0x0c, 0]].concat();
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1", footer.as_slice(), &length, b"PAR1"].concat()
}
