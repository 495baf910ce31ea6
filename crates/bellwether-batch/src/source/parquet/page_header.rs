//! The headers of a column's pages.

use parquet::basic::Encoding;

use super::thrift::{Compact, Field, Flaw, Kind};

/// What is wanted of a header.
#[derive(Debug, Default)]
pub(super) struct PageHeader {
    /// How many bytes it takes itself.
    pub(super) length: usize,
    /// The bytes of the page when unpacked.
    pub(super) plain: usize,
    /// The bytes of the page in the file.
    pub(super) packed: usize,
    /// The CRC-32 of the bytes in the file.
    pub(super) checksum: Option<u32>,
    pub(super) content: Content,
}

/// What a page holds.
#[derive(Debug, Default)]
pub(super) enum Content {
    /// Nothing that is read.
    #[default]
    Other,
    Dictionary(Described),
    /// Levels and values, compressed together.
    Data(Described),
    /// Levels as they are, and values that may be compressed.
    DataV2 {
        described: Described,
        nulls: u32,
        level_bytes: usize,
        is_compressed: bool,
    },
}

/// How many values there are, and how they are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Described {
    pub(super) values: u32,
    pub(super) encoding: Encoding,
}

/// How Parquet writes the levels that tell nulls from values; the older way has not been in use since 2014.
const LEVELS_RUN_LENGTH: i64 = 3;

impl PageHeader {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Flaw> {
        let mut input = Compact::new(bytes);
        let mut header = Self::default();
        let (mut kind_of_page, mut plain, mut packed) = (None, None, None);
        let mut last = 0;
        while let Some(Field { id, kind }) = input.field(&mut last)? {
            match (id, kind) {
                (1, Kind::Integer) => kind_of_page = Some(input.integer()?),
                (2, Kind::Integer) => plain = Some(size(input.integer()?)?),
                (3, Kind::Integer) => packed = Some(size(input.integer()?)?),
                (4, Kind::Integer) => header.checksum = i32::try_from(input.integer()?).ok().map(i32::cast_unsigned),
                (5, Kind::Struct) => header.content = Content::Data(data(&mut input)?),
                (7, Kind::Struct) => header.content = Content::Dictionary(dictionary(&mut input)?),
                (8, Kind::Struct) => header.content = data_v2(&mut input)?,
                _ => input.skip(kind)?,
            }
        }
        let (Some(kind_of_page), Some(plain), Some(packed)) = (kind_of_page, plain, packed) else {
            return Err(Flaw::Malformed("a page's header does not state its size"));
        };
        let states_content = match &header.content {
            Content::Data(_) => kind_of_page == 0,
            Content::Dictionary(_) => kind_of_page == 2,
            Content::DataV2 { .. } => kind_of_page == 3,
            Content::Other => !matches!(kind_of_page, 0 | 2 | 3),
        };
        if !states_content {
            return Err(Flaw::Malformed("a page's header does not describe its kind"));
        }
        Ok(Self { length: bytes.len() - input.remaining(), plain, packed, ..header })
    }
}

fn data(input: &mut Compact<'_>) -> Result<Described, Flaw> {
    let [values, encoding, levels, _, _, _] = integers(input, [1, 2, 3, 0, 0, 0])?;
    if levels != Some(LEVELS_RUN_LENGTH) {
        return Err(Flaw::Malformed("a page's levels are written in an unknown way"));
    }
    described(values, encoding)
}

fn dictionary(input: &mut Compact<'_>) -> Result<Described, Flaw> {
    let [values, encoding, _, _, _, _] = integers(input, [1, 2, 0, 0, 0, 0])?;
    described(values, encoding)
}

fn data_v2(input: &mut Compact<'_>) -> Result<Content, Flaw> {
    let [values, nulls, encoding, definition, repetition, compressed] = integers(input, [1, 2, 4, 5, 6, 7])?;
    if repetition != Some(0) {
        return Err(Flaw::Malformed("a page has repeated values"));
    }
    Ok(Content::DataV2 {
        described: described(values, encoding)?,
        nulls: count(nulls)?,
        level_bytes: size(definition.unwrap_or(-1))?,
        is_compressed: compressed != Some(0),
    })
}

/// The fields of these numbers, truth values as 0 and 1.
fn integers<const COUNT: usize>(input: &mut Compact<'_>, ids: [i16; COUNT]) -> Result<[Option<i64>; COUNT], Flaw> {
    let mut found = [None; COUNT];
    let mut last = 0;
    while let Some(Field { id, kind }) = input.field(&mut last)? {
        let place = ids.iter().position(|&wanted| wanted == id && id > 0).map(|at| &mut found[at]);
        match (place, kind) {
            (Some(place), Kind::Integer) => *place = Some(input.integer()?),
            (Some(place), Kind::Boolean(is)) => *place = Some(is.into()),
            _ => input.skip(kind)?,
        }
    }
    Ok(found)
}

fn described(values: Option<i64>, encoding: Option<i64>) -> Result<Described, Flaw> {
    let encoding = match encoding {
        Some(0) => Encoding::PLAIN,
        // The same under an older number.
        Some(2 | 8) => Encoding::RLE_DICTIONARY,
        Some(5) => Encoding::DELTA_BINARY_PACKED,
        Some(6) => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        Some(7) => Encoding::DELTA_BYTE_ARRAY,
        Some(9) => Encoding::BYTE_STREAM_SPLIT,
        _ => return Err(Flaw::Malformed("a page's values are written in an unknown way")),
    };
    Ok(Described { values: count(values)?, encoding })
}

fn count(value: Option<i64>) -> Result<u32, Flaw> {
    value.and_then(|value| u32::try_from(value).ok()).ok_or(Flaw::Malformed("a page does not say how many values it holds"))
}

fn size(value: i64) -> Result<usize, Flaw> {
    // Parquet's own numbers here have 32 bits.
    i32::try_from(value).ok().and_then(|size| usize::try_from(size).ok()).ok_or(Flaw::Malformed("a page's size is negative"))
}
