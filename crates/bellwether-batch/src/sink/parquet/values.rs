//! The values of a column that wait for their row group to be full.

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::writer::SerializedColumnWriter;

use super::super::column::{Cell, Type};

/// The bytes of values that are handed over at once. The crate looks at the size of a page between these, so a page has
/// hardly more than them and one value.
const BATCH_BYTES: usize = 1 << 20;

/// Values with, for each row, whether it has one: 1 if so, 0 if not.
#[derive(Default)]
pub(super) struct Optional<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

/// The values of a column.
pub(super) enum Values {
    Text(Optional<ByteArray>),
    Number(Optional<f64>),
    Count(Optional<i64>),
    Flag(Optional<bool>),
    /// The levels are 0 for no list, 1 for an empty one and 2 for an item; an item repeats 1 if it is not the first of its row.
    Names {
        items: Optional<ByteArray>,
        repetitions: Vec<i16>,
    },
}

impl<T> Optional<T> {
    fn push(&mut self, value: Option<T>) {
        self.levels.push(value.is_some().into());
        self.values.extend(value);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.levels.clear();
    }
}

impl Values {
    pub(super) fn of(column_type: Type) -> Self {
        match column_type {
            Type::Text | Type::Name => Self::Text(Optional { values: Vec::new(), levels: Vec::new() }),
            Type::Number => Self::Number(Optional::default()),
            Type::Count => Self::Count(Optional::default()),
            Type::Flag => Self::Flag(Optional::default()),
            Type::Names => Self::Names { items: Optional { values: Vec::new(), levels: Vec::new() }, repetitions: Vec::new() },
        }
    }

    /// Adds the value of a row; says how many bytes of words it holds.
    pub(super) fn push(&mut self, cell: Cell<'_>) -> usize {
        match (self, cell) {
            (Self::Text(texts), Cell::Text(text)) => {
                let bytes = text.as_ref().map_or(0, |text| text.len());
                texts.push(text.map(|text| ByteArray::from(text.into_owned().into_bytes())));
                return bytes;
            }
            (Self::Number(numbers), Cell::Number(number)) => numbers.push(number),
            // What is counted fits, being counted in memory.
            (Self::Count(counts), Cell::Count(count)) => counts.push(count.map(u64::cast_signed)),
            (Self::Flag(flags), Cell::Flag(flag)) => flags.push(flag),
            (Self::Names { items, repetitions }, Cell::Names(names)) => {
                let level = names.as_ref().map_or(0, |names| if names.is_empty() { 1 } else { 2 });
                let names = names.unwrap_or_default();
                for place in 0..names.len().max(1) {
                    items.levels.push(level);
                    repetitions.push((place > 0).into());
                }
                items.values.extend(names.into_iter().map(ByteArray::from));
            }
            // A column's cells are of its type.
            _ => {}
        }
        0
    }

    /// Writes the column of a row group, and holds nothing then.
    pub(super) fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<()> {
        match self {
            Self::Text(texts) => {
                write_texts(texts, writer)?;
                texts.clear();
            }
            Self::Number(numbers) => {
                writer.typed::<DoubleType>().write_batch(&numbers.values, Some(&numbers.levels), None)?;
                numbers.clear();
            }
            Self::Count(counts) => {
                writer.typed::<Int64Type>().write_batch(&counts.values, Some(&counts.levels), None)?;
                counts.clear();
            }
            Self::Flag(flags) => {
                writer.typed::<BoolType>().write_batch(&flags.values, Some(&flags.levels), None)?;
                flags.clear();
            }
            Self::Names { items, repetitions } => {
                writer.typed::<ByteArrayType>().write_batch(&items.values, Some(&items.levels), Some(repetitions))?;
                items.clear();
                repetitions.clear();
            }
        }
        Ok(())
    }
}

/// Writes texts in batches of bounded size. A column that must have values ignores the levels.
fn write_texts(texts: &Optional<ByteArray>, writer: &mut SerializedColumnWriter<'_>) -> Result<()> {
    let (mut values, mut levels) = (&texts.values[..], &texts.levels[..]);
    while !levels.is_empty() {
        let (mut rows, mut taken, mut bytes) = (0, 0, 0);
        while rows < levels.len() && bytes < BATCH_BYTES {
            if levels[rows] > 0 {
                bytes += values[taken].len();
                taken += 1;
            }
            rows += 1;
        }
        writer.typed::<ByteArrayType>().write_batch(&values[..taken], Some(&levels[..rows]), None)?;
        (values, levels) = (&values[taken..], &levels[rows..]);
    }
    Ok(())
}
