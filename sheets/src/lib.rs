//! Departments' files as they are: CSV and XLSX as typed rows, with what is wrong cell by cell.

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
