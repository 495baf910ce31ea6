//! Thrift's compact protocol, as far as Parquet's footer and page headers need it.
//!
//! The parquet crate goes down into a schema as deep as its groups are nested: a footer of 160 kB with 20,000 of them
//! overflows the stack of release 60.1, which ends the process. So the footer is read here.

/// How deep the structures may be nested that are passed over; Parquet's own go to 5.
const MAX_DEPTH: usize = 16;

/// Why bytes are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// They end too early.
    Truncated,
    /// They cannot be right.
    Malformed(&'static str),
}

/// What follows a field's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean(bool),
    Byte,
    Integer,
    Double,
    Binary,
    List,
    Map,
    Struct,
    Uuid,
}

/// A field of a structure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) id: i16,
    pub(super) kind: Kind,
}

/// Bytes in the compact protocol. Nothing is ever reserved by a length that the bytes state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compact<'a> {
    rest: &'a [u8],
}

impl<'a> Compact<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes have not been read.
    pub(super) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next field behind the one called `last`, none at the end of the structure.
    pub(super) fn field(&mut self, last: &mut i16) -> Result<Option<Field>, Flaw> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        let id = match head >> 4 {
            0 => i16::try_from(self.integer()?).ok(),
            step => last.checked_add(i16::from(step)),
        };
        let id = id.ok_or(Flaw::Malformed("a field's number is out of range"))?;
        *last = id;
        Ok(Some(Field { id, kind: kind(head & 15)? }))
    }

    /// A signed number of 16, 32 or 64 bits.
    pub(super) fn integer(&mut self) -> Result<i64, Flaw> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    pub(super) fn binary(&mut self) -> Result<&'a [u8], Flaw> {
        let length = usize::try_from(self.varint()?).map_err(|_| Flaw::Truncated)?;
        self.take(length)
    }

    /// What a list's elements are, and how many; every one takes a byte at least.
    pub(super) fn list(&mut self) -> Result<(Kind, usize), Flaw> {
        let head = self.byte()?;
        let size = match head >> 4 {
            15 => usize::try_from(self.varint()?).map_err(|_| Flaw::Truncated)?,
            size => usize::from(size),
        };
        if size == 0 {
            return Ok((Kind::Byte, 0));
        }
        if size > self.rest.len() {
            return Err(Flaw::Truncated);
        }
        Ok((kind(head & 15)?, size))
    }

    /// Passes over a value.
    pub(super) fn skip(&mut self, kind: Kind) -> Result<(), Flaw> {
        self.skip_within(kind, MAX_DEPTH)
    }

    fn skip_within(&mut self, kind: Kind, depth: usize) -> Result<(), Flaw> {
        let inner = depth.checked_sub(1).ok_or(Flaw::Malformed("structures are nested too deep"))?;
        match kind {
            Kind::Boolean(_) => {}
            Kind::Byte => drop(self.byte()?),
            Kind::Integer => drop(self.varint()?),
            Kind::Double => drop(self.take(8)?),
            Kind::Uuid => drop(self.take(16)?),
            Kind::Binary => drop(self.binary()?),
            Kind::Struct => {
                let mut last = 0;
                while let Some(field) = self.field(&mut last)? {
                    self.skip_within(field.kind, inner)?;
                }
            }
            Kind::List => {
                let (element, size) = self.list()?;
                for _ in 0..size {
                    self.skip_element(element, inner)?;
                }
            }
            Kind::Map => {
                let size = self.varint()?;
                if size > 0 {
                    let kinds = self.byte()?;
                    let (key, value) = (self::kind(kinds >> 4)?, self::kind(kinds & 15)?);
                    for _ in 0..size {
                        self.skip_element(key, inner)?;
                        self.skip_element(value, inner)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A truth value is part of a field's head, but takes a byte of its own in a list.
    fn skip_element(&mut self, kind: Kind, depth: usize) -> Result<(), Flaw> {
        self.skip_within(if matches!(kind, Kind::Boolean(_)) { Kind::Byte } else { kind }, depth)
    }

    fn byte(&mut self) -> Result<u8, Flaw> {
        let (&first, rest) = self.rest.split_first().ok_or(Flaw::Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    pub(super) fn take(&mut self, bytes: usize) -> Result<&'a [u8], Flaw> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(Flaw::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// An unsigned number in groups of 7 bits, the lowest first (ULEB128).
    pub(super) fn varint(&mut self) -> Result<u64, Flaw> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Flaw::Malformed("a number has more than 64 bits"))
    }
}

fn kind(code: u8) -> Result<Kind, Flaw> {
    Ok(match code {
        1 => Kind::Boolean(true),
        2 => Kind::Boolean(false),
        3 => Kind::Byte,
        4..=6 => Kind::Integer,
        7 => Kind::Double,
        8 => Kind::Binary,
        9 | 10 => Kind::List,
        11 => Kind::Map,
        12 => Kind::Struct,
        13 => Kind::Uuid,
        _ => return Err(Flaw::Malformed("a field is of no known type")),
    })
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Truncated => "it breaks off",
            Self::Malformed(detail) => detail,
        })
    }
}
