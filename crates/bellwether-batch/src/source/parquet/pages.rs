//! The pages of a column in a row group, unpacked into a bounded amount of memory.

use std::sync::Arc;

use bytes::Bytes;
use flate2::Crc;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result as ParquetResult};

use super::codec::Codec;
use super::columns::{Column, ValueType};
use super::delta;
use super::failure::Failure;
use super::footer::Chunk;
use super::page_header::{Content, Described, PageHeader};
use super::seekable::Seekable;
use super::thrift::Flaw;

/// The largest page of a Parquet file that is read, in bytes, packed or unpacked: 128 MiB. Some writers make pages of
/// 100 MB.
pub const MAX_PAGE_BYTES: usize = 128 << 20;

/// The most values that a page of a Parquet file may hold: 4,194,304.
pub const MAX_PAGE_VALUES: u32 = 1 << 22;

/// The most values that the dictionary of a Parquet column may hold: 1,048,576.
pub const MAX_DICTIONARY_VALUES: u32 = 1 << 20;

/// The largest header of a page of a Parquet file, in bytes: 1 MiB. Some writers put whole values into it.
pub const MAX_PAGE_HEADER_BYTES: usize = 1 << 20;

/// How many bytes are read at first to find a header.
const HEADER_BYTES: usize = 4 << 10;

/// Reads pages one after the other.
pub(super) struct Pages {
    file: Arc<Seekable>,
    codec: Codec,
    column: Column,
    offset: u64,
    left: u64,
}

impl Pages {
    pub(super) fn new(file: Arc<Seekable>, column: Column, chunk: &Chunk) -> Result<Self, Failure> {
        let codec = Codec::of_number(chunk.codec)?;
        Ok(Self { file, codec, column, offset: chunk.offset, left: chunk.bytes })
    }

    fn next_page(&mut self) -> Result<Option<Page>, Failure> {
        while self.left > 0 {
            let header = self.header()?;
            self.skip(header.length)?;
            for (what, bytes) in [("", header.packed), (" when unpacked", header.plain)] {
                if bytes > MAX_PAGE_BYTES {
                    let detail = format!("a page has {bytes} bytes{what}, over the limit of {MAX_PAGE_BYTES}");
                    return Err(Failure::limit(detail));
                }
            }
            let begin = self.offset;
            self.skip(header.packed)?;
            let described = match header.content {
                Content::Other => continue,
                Content::Dictionary(described) | Content::Data(described) | Content::DataV2 { described, .. } => described,
            };
            let is_dictionary = matches!(header.content, Content::Dictionary(_));
            let most = if is_dictionary { MAX_DICTIONARY_VALUES } else { MAX_PAGE_VALUES };
            if described.values > most {
                let what = if is_dictionary { "dictionary" } else { "page" };
                let detail = format!("a {what} holds {} values, over the limit of {most}", described.values);
                return Err(Failure::limit(detail));
            }
            let packed = self.file.read_exact(begin, header.packed)?;
            if header.checksum.is_some_and(|stated| stated != checksum(&packed)) {
                return Err(Failure::damaged("the checksum of a page is wrong"));
            }
            return self.page(&header, &packed).map(Some);
        }
        Ok(None)
    }

    /// The header here.
    fn header(&self) -> Result<PageHeader, Failure> {
        let mut length = HEADER_BYTES;
        loop {
            let within = self.left.min(length as u64);
            let bytes = self.file.read_exact(self.offset, within as usize)?;
            match PageHeader::parse(&bytes) {
                Err(Flaw::Truncated) if within == self.left => return Err(Flaw::Truncated.into()),
                Err(Flaw::Truncated) if length == MAX_PAGE_HEADER_BYTES => {
                    let detail = format!("the header of a page is over the limit of {MAX_PAGE_HEADER_BYTES} bytes");
                    return Err(Failure::limit(detail));
                }
                Err(Flaw::Truncated) => length = MAX_PAGE_HEADER_BYTES,
                result => return Ok(result?),
            }
        }
    }

    fn skip(&mut self, bytes: usize) -> Result<(), Failure> {
        let behind = || Failure::damaged("a page ends behind its column");
        self.left = self.left.checked_sub(bytes as u64).ok_or_else(behind)?;
        self.offset += bytes as u64;
        Ok(())
    }

    /// A page as the parquet crate takes it. What that would panic on, or reserve memory for, is looked at before.
    fn page(&self, header: &PageHeader, packed: &[u8]) -> Result<Page, Failure> {
        match header.content {
            Content::Other => Err(Failure::damaged("a page holds nothing")),
            Content::Dictionary(Described { values, .. }) => {
                let plain = self.codec.unpack(packed, header.plain)?;
                if values as usize > plain.len() / self.column.values.smallest() {
                    return Err(Failure::damaged("a dictionary is too short for its values"));
                }
                Ok(Page::DictionaryPage { buf: plain.into(), num_values: values, encoding: Encoding::PLAIN, is_sorted: false })
            }
            Content::Data(Described { values, encoding }) => {
                let buf = Bytes::from(self.codec.unpack(packed, header.plain)?);
                let levels = if self.column.is_optional { run_length_levels(&buf)? } else { 0 };
                self.check(&buf[levels..], encoding, values)?;
                Ok(Page::DataPage {
                    buf,
                    num_values: values,
                    encoding,
                    def_level_encoding: Encoding::RLE,
                    rep_level_encoding: Encoding::RLE,
                    statistics: None,
                })
            }
            Content::DataV2 { described: Described { values, encoding }, nulls, level_bytes, is_compressed } => {
                let short = || Failure::damaged("a page is too short for its levels");
                let (levels, rest) = packed.split_at_checked(level_bytes).ok_or_else(short)?;
                let length = header.plain.checked_sub(level_bytes).ok_or_else(short)?;
                let codec = if is_compressed && length > 0 { self.codec } else { Codec::None };
                let plain = codec.unpack(if length > 0 { rest } else { &[] }, length)?;
                self.check(&plain, encoding, values)?;
                Ok(Page::DataPageV2 {
                    buf: [levels, plain.as_slice()].concat().into(),
                    num_values: values,
                    encoding,
                    num_nulls: nulls,
                    num_rows: values,
                    def_levels_byte_len: level_bytes as u32,
                    rep_levels_byte_len: 0,
                    is_compressed: false,
                    statistics: None,
                })
            }
        }
    }

    fn check(&self, values: &[u8], encoding: Encoding, count: u32) -> Result<(), Failure> {
        let is_for = match encoding {
            Encoding::PLAIN | Encoding::RLE_DICTIONARY => true,
            Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY => self.column.values == ValueType::Text,
            _ => self.column.values != ValueType::Text,
        };
        if !is_for {
            return Err(Failure::damaged("a page's values are not written as its column's type is"));
        }
        // A page with nulls alone may hold nothing.
        if values.is_empty() {
            return Ok(());
        }
        Ok(delta::check(values, encoding, count)?)
    }
}

/// Where the levels end that tell nulls from values: their length stands before them.
fn run_length_levels(page: &[u8]) -> Result<usize, Failure> {
    let short = || Failure::damaged("a page is too short for its levels");
    let (length, rest) = page.split_first_chunk().ok_or_else(short)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > rest.len() {
        return Err(short());
    }
    Ok(length + 4)
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

impl Iterator for Pages {
    type Item = ParquetResult<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> ParquetResult<Option<Page>> {
        self.next_page().map_err(ParquetError::from)
    }

    // The crate asks for these two only to skip rows and to find where nested rows end, which is done nowhere here.

    fn peek_next_page(&mut self) -> ParquetResult<Option<PageMetadata>> {
        Err(Failure::damaged("pages are not looked at beforehand").into())
    }

    fn skip_next_page(&mut self) -> ParquetResult<()> {
        Err(Failure::damaged("pages are not skipped").into())
    }
}
