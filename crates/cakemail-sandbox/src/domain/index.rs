//! What makes reads cost what they return: rows by number, and sets of the numbers that share a term.

mod order;
mod page;
mod rows;
mod set;
mod table;
mod terms;
mod words;

pub(crate) use page::{page, within};
pub(crate) use roaring::RoaringBitmap as Numbers;
pub(crate) use rows::Rows;
pub(crate) use table::{AnyCase, Key, Row, Sort, Table};
pub(crate) use terms::Terms;
pub(crate) use words::Words;
