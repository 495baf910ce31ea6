//! Numbers stored as differences (Parquet's `DELTA_BINARY_PACKED`).
//!
//! The parquet crate reserves memory for as many lengths of strings as a page says it holds, and a few bytes can say that
//! there are more than any memory would hold. So they are counted before it sees them.

use parquet::basic::Encoding;

use super::thrift::{Compact, Flaw};

/// The most numbers in a block; writers use 128.
const MAX_BLOCK: u64 = 1 << 16;

/// Refuses a page of strings that says it holds more lengths than values.
pub(super) fn check(values: &[u8], encoding: Encoding, count: u32) -> Result<(), Flaw> {
    let mut input = Compact::new(values);
    match encoding {
        Encoding::DELTA_LENGTH_BYTE_ARRAY => pass(&mut input, count.into()),
        Encoding::DELTA_BYTE_ARRAY => {
            pass(&mut input, count.into())?;
            pass(&mut input, count.into())
        }
        _ => Ok(()),
    }
}

/// Passes over a sequence of numbers.
fn pass(input: &mut Compact<'_>, most: u64) -> Result<(), Flaw> {
    let (block, pieces, count) = (input.varint()?, input.varint()?, input.varint()?);
    input.varint()?;
    if count > most {
        return Err(Flaw::Malformed("a page has more lengths than values"));
    }
    let is_sound = block > 0 && block <= MAX_BLOCK && block.is_multiple_of(128) && pieces > 0 && block.is_multiple_of(pieces);
    if !is_sound || !(block / pieces).is_multiple_of(32) {
        return Err(Flaw::Malformed("a page's lengths are not in sound blocks"));
    }
    let in_piece = block / pieces;
    // The first number is in the head.
    let mut left = count.saturating_sub(1);
    while left > 0 {
        input.varint()?;
        let mut bytes = 0;
        for &width in input.take(pieces as usize)? {
            if left > 0 {
                bytes += u64::from(width) * in_piece / 8;
            }
            left = left.saturating_sub(in_piece);
        }
        input.take(bytes as usize)?;
    }
    Ok(())
}
