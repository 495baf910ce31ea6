//! The footer of a Parquet file: its columns, and where their row groups stand.

use super::columns::{Column, Wanted};
use super::failure::Failure;
use super::schema;
use super::seekable::Seekable;
use super::thrift::{Compact, Field, Flaw, Kind};
use crate::RecordErrorKind;

/// The largest footer of a Parquet file that is read, in bytes: 64 MiB.
pub const MAX_FOOTER_BYTES: u32 = 64 << 20;

/// The most row groups that a Parquet file may have: 131,072.
pub const MAX_ROW_GROUPS: usize = 1 << 17;

/// The most rows that a row group of a Parquet file may have: 67,108,864.
pub const MAX_ROW_GROUP_ROWS: u64 = 1 << 26;

const MAGIC: &[u8] = b"PAR1";
const MAGIC_ENCRYPTED: &[u8] = b"PARE";

/// The length of the footer, and the magic number.
const TAIL_BYTES: u64 = 8;

/// What is wanted of a footer.
#[derive(Debug)]
pub(super) struct Footer {
    pub(super) columns: Wanted<Column>,
    pub(super) row_groups: Vec<RowGroup>,
    /// How many rows the footer says there are in all row groups together.
    pub(super) stated_rows: u64,
}

/// Rows that are stored together, a column after the other.
#[derive(Debug)]
pub(super) struct RowGroup {
    pub(super) rows: u64,
    /// Of all columns, as the footer states it; for showing progress.
    pub(super) bytes: u64,
    pub(super) chunks: Wanted<Chunk>,
}

/// The values of a column in a row group.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Chunk {
    /// The number of its compression.
    pub(super) codec: i64,
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// Whether the values are in another file.
    is_elsewhere: bool,
}

impl Footer {
    /// Reads the footer of a file and looks the columns up by their names.
    pub(super) fn read(file: &Seekable, names: &Wanted<&str>) -> Result<Self, Failure> {
        let no_parquet = || Failure::damaged("it is no Parquet file, or not a whole one: it does not end in PAR1");
        let begin = file.length().checked_sub(TAIL_BYTES).ok_or_else(no_parquet)?;
        let tail = file.read_exact(begin, TAIL_BYTES as usize)?;
        let (length, magic) = tail.split_at(4);
        if magic == MAGIC_ENCRYPTED {
            let detail = "it is encrypted: write it without encryption";
            return Err(Failure::new(RecordErrorKind::UnsupportedEncoding, detail));
        }
        if magic != MAGIC {
            return Err(no_parquet());
        }
        let length = length.iter().rev().fold(0, |length, &byte| length << 8 | u32::from(byte));
        if length > MAX_FOOTER_BYTES {
            return Err(Failure::limit(format!("its footer has {length} bytes, over the limit of {MAX_FOOTER_BYTES}")));
        }
        let begin = begin.checked_sub(length.into()).ok_or_else(|| Failure::damaged("its footer begins before the file"))?;
        let bytes = file.read_exact(begin, length as usize)?;
        let mut footer = Self::parse(&bytes, names)?;
        footer.row_groups.iter_mut().for_each(|group| group.bytes = group.bytes.min(file.length()));
        Ok(footer)
    }

    fn parse(bytes: &[u8], names: &Wanted<&str>) -> Result<Self, Failure> {
        let mut input = Compact::new(bytes);
        let (mut columns, mut row_groups, mut stated_rows) = (None, None, None);
        let mut last = 0;
        while let Some(Field { id, kind }) = input.field(&mut last).map_err(within_footer)? {
            match (id, kind, &columns) {
                (2, Kind::List, None) => columns = Some(schema::columns(&mut input, names)?),
                (3, Kind::Integer, _) => {
                    let rows = input.integer().and_then(|rows| unsigned(rows, "it has fewer rows than none"));
                    stated_rows = Some(rows.map_err(within_footer)?);
                }
                (4, Kind::List, Some(columns)) if row_groups.is_none() => {
                    row_groups = Some(self::row_groups(&mut input, columns)?);
                }
                _ => input.skip(kind).map_err(within_footer)?,
            }
        }
        let (Some(columns), Some(row_groups), Some(stated_rows)) = (columns, row_groups, stated_rows) else {
            return Err(Failure::damaged("its footer has no columns, no row groups or no number of rows"));
        };
        Ok(Self { columns, row_groups, stated_rows })
    }
}

pub(super) fn within_footer(flaw: Flaw) -> Failure {
    Failure::damaged(format!("its footer is damaged: {flaw}"))
}

fn row_groups(input: &mut Compact<'_>, columns: &Wanted<Column>) -> Result<Vec<RowGroup>, Failure> {
    let (kind, size) = input.list().map_err(within_footer)?;
    if size > MAX_ROW_GROUPS {
        return Err(Failure::limit(format!("it has {size} row groups, over the limit of {MAX_ROW_GROUPS}")));
    }
    if size > 0 && kind != Kind::Struct {
        return Err(within_footer(Flaw::Malformed("its row groups are of another type")));
    }
    (0..size).map(|_| row_group(input, columns).map_err(within_footer)).collect()
}

fn row_group(input: &mut Compact<'_>, columns: &Wanted<Column>) -> Result<RowGroup, Flaw> {
    let mut group = RowGroup { rows: 0, bytes: 0, chunks: columns.each(|_| Chunk::default()) };
    let (mut has_columns, mut has_rows) = (false, false);
    let mut last = 0;
    while let Some(Field { id, kind }) = input.field(&mut last)? {
        match (id, kind) {
            (1, Kind::List) => {
                group.chunks = chunks(input, columns)?;
                has_columns = true;
            }
            (3, Kind::Integer) => {
                group.rows = unsigned(input.integer()?, "a row group has fewer rows than none")?;
                has_rows = true;
            }
            (6, Kind::Integer) => group.bytes = u64::try_from(input.integer()?).unwrap_or(0),
            _ => input.skip(kind)?,
        }
    }
    if has_columns && has_rows { Ok(group) } else { Err(Flaw::Malformed("a row group has no columns or no rows")) }
}

fn chunks(input: &mut Compact<'_>, columns: &Wanted<Column>) -> Result<Wanted<Chunk>, Flaw> {
    let (kind, size) = input.list()?;
    let mut found = columns.each(|_| None);
    for index in 0..size {
        let wanted = columns.position(|column| column.index == index);
        match (kind, wanted) {
            (Kind::Struct, Some(wanted)) => *found.get_mut(wanted) = Some(chunk(input)?),
            (Kind::Struct, None) => input.skip(kind)?,
            _ => return Err(Flaw::Malformed("a row group's columns are of another type")),
        }
    }
    found.all().ok_or(Flaw::Malformed("a row group has fewer columns than the file"))
}

fn chunk(input: &mut Compact<'_>) -> Result<Chunk, Flaw> {
    let mut found = None;
    let mut is_elsewhere = false;
    let mut last = 0;
    while let Some(Field { id, kind }) = input.field(&mut last)? {
        match (id, kind) {
            (1, Kind::Binary) => is_elsewhere = !input.binary()?.is_empty(),
            (3, Kind::Struct) => found = Some(chunk_metadata(input)?),
            _ => input.skip(kind)?,
        }
    }
    let chunk = found.ok_or(Flaw::Malformed("a column has no metadata"))?;
    Ok(Chunk { is_elsewhere, ..chunk })
}

fn chunk_metadata(input: &mut Compact<'_>) -> Result<Chunk, Flaw> {
    let (mut codec, mut bytes, mut data, mut dictionary) = (None, None, None, None);
    let mut last = 0;
    while let Some(Field { id, kind }) = input.field(&mut last)? {
        let place = match (id, kind) {
            (4, Kind::Integer) => &mut codec,
            (7, Kind::Integer) => &mut bytes,
            (9, Kind::Integer) => &mut data,
            (11, Kind::Integer) => &mut dictionary,
            _ => {
                input.skip(kind)?;
                continue;
            }
        };
        *place = Some(input.integer()?);
    }
    let (Some(codec), Some(bytes), Some(data)) = (codec, bytes, data) else {
        return Err(Flaw::Malformed("a column does not say where it is"));
    };
    // Some writers state a dictionary at 0 where there is none.
    let offset = dictionary.filter(|&dictionary| dictionary > 0 && dictionary < data).unwrap_or(data);
    Ok(Chunk {
        codec,
        offset: unsigned(offset, "a column begins before the file")?,
        bytes: unsigned(bytes, "a column has fewer bytes than none")?,
        is_elsewhere: false,
    })
}

fn unsigned(value: i64, otherwise: &'static str) -> Result<u64, Flaw> {
    u64::try_from(value).map_err(|_| Flaw::Malformed(otherwise))
}

impl RowGroup {
    /// Refuses what no sound row group of this file says of itself.
    pub(super) fn check(&self, file: &Seekable) -> Result<(), Failure> {
        if self.rows > MAX_ROW_GROUP_ROWS {
            return Err(Failure::limit(format!("it has {} rows, over the limit of {MAX_ROW_GROUP_ROWS}", self.rows)));
        }
        for chunk in self.chunks.iter() {
            if chunk.is_elsewhere {
                return Err(Failure::new(RecordErrorKind::UnsupportedEncoding, "its values are in another file"));
            }
            if chunk.offset.checked_add(chunk.bytes).is_none_or(|end| end > file.length()) {
                return Err(Failure::damaged("it ends behind the end of the file"));
            }
        }
        Ok(())
    }
}
