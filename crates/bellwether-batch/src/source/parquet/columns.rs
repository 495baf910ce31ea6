//! The columns that are read of a table, and no others.

use std::sync::Arc;

use parquet::basic::{Repetition, Type};
use parquet::column::page::PageReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor, ColumnPath, Type as SchemaType};

use super::failure::Failure;

/// Something for each column that a document is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<T> {
    pub(super) text: T,
    pub(super) id: Option<T>,
    pub(super) lang: Option<T>,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Id,
    Lang,
}

impl<T> Wanted<T> {
    pub(super) fn each<U>(&self, mut make: impl FnMut(&T) -> U) -> Wanted<U> {
        Wanted { text: make(&self.text), id: self.id.as_ref().map(&mut make), lang: self.lang.as_ref().map(&mut make) }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.text).chain(&self.id).chain(&self.lang)
    }

    pub(super) fn position(&self, mut is_it: impl FnMut(&T) -> bool) -> Option<Role> {
        if is_it(&self.text) {
            return Some(Role::Text);
        }
        let mut optional = |value: &Option<T>| value.as_ref().is_some_and(&mut is_it);
        if optional(&self.id) {
            return Some(Role::Id);
        }
        optional(&self.lang).then_some(Role::Lang)
    }
}

impl<T> Wanted<Option<T>> {
    /// The place of a column that is there.
    pub(super) fn get_mut(&mut self, role: Role) -> &mut Option<T> {
        match role {
            Role::Text => &mut self.text,
            Role::Id => self.id.get_or_insert_default(),
            Role::Lang => self.lang.get_or_insert_default(),
        }
    }

    /// Everything, if nothing is missing.
    pub(super) fn all(self) -> Option<Wanted<T>> {
        let whole = |value: Option<Option<T>>| value.map_or(Some(None), |value| value.map(Some));
        Some(Wanted { text: self.text?, id: whole(self.id)?, lang: whole(self.lang)? })
    }
}

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    /// Its place among all columns.
    pub(super) index: usize,
    pub(super) values: ValueType,
    pub(super) is_optional: bool,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    Text,
    Integer { is_wide: bool, is_signed: bool },
}

impl ValueType {
    /// The fewest bytes that a value takes where it is stored plainly.
    pub(super) const fn smallest(self) -> usize {
        match self {
            Self::Text | Self::Integer { is_wide: false, .. } => 4,
            Self::Integer { is_wide: true, .. } => 8,
        }
    }
}

/// A value of a row.
#[derive(Debug)]
pub(super) enum Value {
    Text(ByteArray),
    Integer(serde_json::Number),
}

/// The values of a column in a row group, one after the other.
pub(super) enum Values {
    Text(ColumnReaderImpl<ByteArrayType>),
    Narrow(ColumnReaderImpl<Int32Type>, bool),
    Wide(ColumnReaderImpl<Int64Type>, bool),
}

impl Values {
    pub(super) fn new(column: Column, pages: Box<dyn PageReader>) -> Result<Self, Failure> {
        Ok(match column.values {
            ValueType::Text => Self::Text(ColumnReaderImpl::new(descriptor(column, Type::BYTE_ARRAY)?, pages)),
            ValueType::Integer { is_wide: false, is_signed } => {
                Self::Narrow(ColumnReaderImpl::new(descriptor(column, Type::INT32)?, pages), is_signed)
            }
            ValueType::Integer { is_wide: true, is_signed } => {
                Self::Wide(ColumnReaderImpl::new(descriptor(column, Type::INT64)?, pages), is_signed)
            }
        })
    }

    /// The value of the next row, none if it is null.
    pub(super) fn next(&mut self) -> Result<Option<Value>, Failure> {
        Ok(match self {
            Self::Text(values) => one(values)?.map(Value::Text),
            Self::Narrow(values, true) => one(values)?.map(|value| Value::Integer(value.into())),
            Self::Narrow(values, false) => one(values)?.map(|value| Value::Integer(value.cast_unsigned().into())),
            Self::Wide(values, true) => one(values)?.map(|value| Value::Integer(value.into())),
            Self::Wide(values, false) => one(values)?.map(|value| Value::Integer(value.cast_unsigned().into())),
        })
    }
}

/// One value at a time: where values repeat parts of one another, many of them would be many times as large as their page.
fn one<T: DataType>(values: &mut ColumnReaderImpl<T>) -> Result<Option<T::T>, Failure> {
    let (mut levels, mut found) = (Vec::with_capacity(1), Vec::with_capacity(1));
    let (rows, _, _) = values.read_records(1, Some(&mut levels), None, &mut found)?;
    if rows == 0 {
        return Err(Failure::damaged("a column has fewer values than the row group has rows"));
    }
    Ok(found.pop())
}

/// What the parquet crate is to know of a column.
fn descriptor(column: Column, physical: Type) -> Result<ColumnDescPtr, Failure> {
    let repetition = if column.is_optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let column_type = SchemaType::primitive_type_builder("column", physical).with_repetition(repetition).build()?;
    let path = ColumnPath::new(vec!["column".to_owned()]);
    Ok(Arc::new(ColumnDescriptor::new(Arc::new(column_type), column.is_optional.into(), 0, path)))
}
