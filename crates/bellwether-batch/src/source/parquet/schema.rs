//! The schema of a Parquet file, looked through for the wanted columns.

use super::columns::{Column, Role, ValueType, Wanted};
use super::failure::Failure;
use super::footer::within_footer;
use super::thrift::{Compact, Field, Flaw, Kind};
use crate::RecordErrorKind;

/// A column, or a group of columns.
#[derive(Default)]
struct Element<'a> {
    name: &'a [u8],
    physical: Option<i64>,
    repetition: Option<i64>,
    children: usize,
    converted: Option<i64>,
    logical: Option<i16>,
}

/// The numbers that Parquet gives to types.
mod code {
    pub(super) const INT32: i64 = 1;
    pub(super) const INT64: i64 = 2;
    pub(super) const BYTE_ARRAY: i64 = 6;
    pub(super) const REQUIRED: i64 = 0;
    pub(super) const OPTIONAL: i64 = 1;
    pub(super) const CONVERTED_UTF8: i64 = 0;
    pub(super) const CONVERTED_UINT_8: i64 = 11;
    pub(super) const CONVERTED_UINT_64: i64 = 14;
    pub(super) const CONVERTED_INT_64: i64 = 18;
    pub(super) const LOGICAL_STRING: i16 = 1;
    pub(super) const LOGICAL_INTEGER: i16 = 10;
}

/// The wanted columns; the elements of the schema stand in preorder.
pub(super) fn columns(input: &mut Compact<'_>, names: &Wanted<&str>) -> Result<Wanted<Column>, Failure> {
    let (kind, size) = input.list().map_err(within_footer)?;
    if kind != Kind::Struct {
        return Err(within_footer(Flaw::Malformed("the schema is of another type")));
    }
    let root = element(input).map_err(within_footer)?;
    let mut found = names.each(|_| None);
    // How many elements are still to come in each of the groups that are open.
    let mut open = vec![root.children];
    let mut index = 0;
    for _ in 1..size {
        while open.last() == Some(&0) {
            open.pop();
        }
        let Some(left) = open.last_mut() else { break };
        *left -= 1;
        let element = element(input).map_err(within_footer)?;
        if open.len() == 1
            && let Some(role) = names.position(|name| name.as_bytes() == element.name)
        {
            found.get_mut(role).get_or_insert(element.column(role, index));
        }
        index += usize::from(element.is_column());
        if element.children > 0 {
            open.push(element.children);
        }
    }
    // None where no column has the name, and then none where it is of another type.
    let column = |found: Option<Option<Column>>, name, role| found.map(|of_type| of_type.ok_or_else(|| wrong_type(role, name)));
    let id = column(found.id.flatten(), names.id.unwrap_or_default(), Role::Id).transpose()?;
    let lang = column(found.lang.flatten(), names.lang.unwrap_or_default(), Role::Lang).transpose()?;
    let text = column(found.text, names.text, Role::Text).transpose()?.ok_or_else(|| {
        let detail = format!("no column is called {:?}, so nothing of this file can be read", names.text);
        Failure::new(RecordErrorKind::MissingText, detail)
    })?;
    Ok(Wanted { text, id, lang })
}

fn wrong_type(role: Role, name: &str) -> Failure {
    let wanted = if role == Role::Id { "strings or integers" } else { "strings" };
    let detail = format!("the column {name:?} does not hold {wanted}, so nothing of this file can be read");
    Failure::new(RecordErrorKind::MalformedRecord, detail)
}

fn element<'a>(input: &mut Compact<'a>) -> Result<Element<'a>, Flaw> {
    let mut element = Element::default();
    let mut last = 0;
    while let Some(Field { id, kind }) = input.field(&mut last)? {
        match (id, kind) {
            (1, Kind::Integer) => element.physical = Some(input.integer()?),
            (3, Kind::Integer) => element.repetition = Some(input.integer()?),
            (4, Kind::Binary) => element.name = input.binary()?,
            (5, Kind::Integer) => element.children = usize::try_from(input.integer()?).unwrap_or(0),
            (6, Kind::Integer) => element.converted = Some(input.integer()?),
            (10, Kind::Struct) => {
                // A union: a structure of which only one field is there.
                let mut last = 0;
                while let Some(field) = input.field(&mut last)? {
                    element.logical = Some(field.id);
                    input.skip(field.kind)?;
                }
            }
            _ => input.skip(kind)?,
        }
    }
    Ok(element)
}

impl Element<'_> {
    /// Whether values belong to it; a group has none of its own.
    const fn is_column(&self) -> bool {
        self.physical.is_some() && self.children == 0
    }

    fn column(&self, role: Role, index: usize) -> Option<Column> {
        let is_optional = match self.repetition {
            Some(code::REQUIRED) => false,
            Some(code::OPTIONAL) => true,
            _ => return None,
        };
        let values = self.values().filter(|&values| role == Role::Id || values == ValueType::Text)?;
        self.is_column().then_some(Column { index, values, is_optional })
    }

    fn values(&self) -> Option<ValueType> {
        let is_signed = match (self.converted, self.logical) {
            (Some(code::CONVERTED_UTF8), _) | (_, Some(code::LOGICAL_STRING)) => {
                return (self.physical == Some(code::BYTE_ARRAY)).then_some(ValueType::Text);
            }
            (None, None | Some(code::LOGICAL_INTEGER)) => true,
            // Signed ones follow the unsigned ones; all other numbers are dates, times and decimals.
            (Some(converted @ code::CONVERTED_UINT_8..=code::CONVERTED_INT_64), _) => converted > code::CONVERTED_UINT_64,
            _ => return None,
        };
        match self.physical? {
            code::INT32 => Some(ValueType::Integer { is_wide: false, is_signed }),
            code::INT64 => Some(ValueType::Integer { is_wide: true, is_signed }),
            _ => None,
        }
    }
}
