//! Departments' files as they are: CSV and XLSX as typed rows, with what is wrong cell by cell.
//!
//! [`Kinds`] are the kinds of files as data. [`Sheets`] opens a file by what its bytes say and lists its sheets; [`Sheets::table`]
//! finds the headings of a kind on one of them, and the [`Table`] gives a [`Line`] at a time, in memory that does not grow with the
//! file: a [`Row`] with a [`Cell`] for each column of the kind and the texts as they stand in the file, or what stands beside the
//! rows. Each [`Problem`] has a [`Code`] that stays and a sentence in two languages. The crate knows no database and no clock.
//!
//! ```
//! # use sheets::{Kinds, Limits, Line, Sheets};
//! # use std::io::Cursor;
//! let kinds = Kinds::embedded().expect("the kinds that are shipped");
//! let kind = kinds.kind("death", "150921100201").expect("a kind of this name");
//! let file = Cursor::new("姓名,身份证号,死亡时间\n张三,4.2E+17,2018年3月1日\n");
//! let mut sheets = Sheets::of(file, Limits::default()).expect("a table");
//! let mut table = sheets.table(&kind, 0).expect("the headings");
//! let Some(Ok(Line::Row(row))) = table.next() else { panic!("a row") };
//! let problem = row.problems().next().expect("a problem");
//! assert_eq!(problem.code.as_str(), "DAMAGED_NUMBER");
//! assert_eq!((row.number, problem.column.as_deref()), (2, Some("身份证号")));
//! ```

mod cell;
mod day;
mod delimited;
mod encoding;
mod fold;
mod heading;
mod kind;
mod number;
mod open;
mod problem;
mod source;
mod table;
mod texts;
mod value;
mod workbook;
mod xml;

pub use day::Epoch;
pub use encoding::Encoding;
pub use heading::SEARCHED_ROWS;
pub use kind::{Column, Kind, Kinds, List, Meaning, Type};
pub use open::{Format, Sheets, Stream};
pub use problem::{Code, Problem};
pub use source::Limits;
pub use table::{Beside, Cell, Line, Row, Table};
pub use value::{Raw, Sensitive, Style, Value};
pub use workbook::Sheet;
pub use yaml::FileError;
