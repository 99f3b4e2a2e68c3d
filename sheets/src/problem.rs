//! What is wrong with a file, a heading or a cell: a code for programs, and a sentence in two languages for who has to put it right.

use std::{fmt, sync::Arc};

macro_rules! codes {
    ($( $(#[doc = $doc:literal])* $name:ident $word:literal; )+) => {
        /// The kind of a problem. The words stay the same for good.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $( $(#[doc = $doc])* $name, )+ }

        impl Code {
            pub const ALL: &'static [Code] = &[ $( Code::$name, )+ ];

            /// The word of the interface.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Code::$name => $word, )+ }
            }
        }
    };
}

codes! {
    /// The disk or the stream failed.
    NotReadable "NOT_READABLE";
    EmptyFile "EMPTY_FILE";
    FileTooLarge "FILE_TOO_LARGE";
    /// A workbook of Excel 97 to 2003.
    OldXls "OLD_XLS";
    /// A workbook with a password.
    EncryptedWorkbook "ENCRYPTED_WORKBOOK";
    /// XLSB.
    BinaryWorkbook "BINARY_WORKBOOK";
    /// ODS.
    OpenDocument "OPEN_DOCUMENT";
    /// An archive that is no workbook.
    OtherZip "OTHER_ZIP";
    /// A web page or XML under the name of a table.
    HtmlTable "HTML_TABLE";
    /// PDF, pictures, programs.
    NotATable "NOT_A_TABLE";
    /// Bytes that are neither UTF-8, UTF-16 nor GB18030.
    Encoding "ENCODING";
    BrokenWorkbook "BROKEN_WORKBOOK";
    /// A workbook that comes to more than the limit when it is unpacked.
    UnpackedTooLarge "UNPACKED_TOO_LARGE";
    TooManySheets "TOO_MANY_SHEETS";
    TooManyColumns "TOO_MANY_COLUMNS";
    TooManyRows "TOO_MANY_ROWS";
    RowTooLong "ROW_TOO_LONG";
    CellTooLong "CELL_TOO_LONG";
    /// A quote that is opened and not closed where it should be.
    BrokenQuote "BROKEN_QUOTE";
    NoSuchSheet "NO_SUCH_SHEET";
    /// No row within the first rows has the headings of the kind.
    NoHeading "NO_HEADING";
    TwoRowHeading "TWO_ROW_HEADING";
    /// A heading that the kind does not know: its column is not read.
    UnknownHeading "UNKNOWN_HEADING";
    DuplicateHeading "DUPLICATE_HEADING";
    MissingColumn "MISSING_COLUMN";
    UnknownUnit "UNKNOWN_UNIT";
    /// A row has values beyond the last heading.
    RowShifted "ROW_SHIFTED";
    /// A cell that has to be filled is empty.
    Required "REQUIRED";
    /// A spreadsheet rounded the number: its last digits are lost.
    DamagedNumber "DAMAGED_NUMBER";
    /// Signs that an earlier conversion replaced.
    LostCharacters "LOST_CHARACTERS";
    /// Signs that nobody sees, as NUL.
    ControlCharacter "CONTROL_CHARACTER";
    FormulaError "FORMULA_ERROR";
    /// A formula whose result was never computed.
    NotComputed "NOT_COMPUTED";
    CitizenNumber "CITIZEN_NUMBER";
    DisabilityCertificate "DISABILITY_CERTIFICATE";
    BankCard "BANK_CARD";
    Identifier "IDENTIFIER";
    Phone "PHONE";
    VillageCode "VILLAGE_CODE";
    WholeNumber "WHOLE_NUMBER";
    Amount "AMOUNT";
    Negative "NEGATIVE";
    OutOfRange "OUT_OF_RANGE";
    Date "DATE";
    /// A number that stands for no day.
    DateSerial "DATE_SERIAL";
    Month "MONTH";
    Year "YEAR";
    Rate "RATE";
    YesNo "YES_NO";
    UnknownWord "UNKNOWN_WORD";
}

/// What is wrong, and where. No citizen, card or certificate number stands in it in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    /// The sheet, where the file has sheets.
    pub sheet: Option<Arc<str>>,
    /// The row as a spreadsheet shows it, from 1.
    pub row: Option<u64>,
    /// The heading of the column as it stands in the file, or as it should.
    pub column: Option<Arc<str>>,
    pub english: String,
    pub chinese: String,
}

impl Problem {
    pub(crate) fn new(code: Code, english: impl Into<String>, chinese: impl Into<String>) -> Self {
        Problem {
            code,
            sheet: None,
            row: None,
            column: None,
            english: english.into(),
            chinese: chinese.into(),
        }
    }
    pub(crate) fn at_row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }
    pub(crate) fn at_column(mut self, column: &Arc<str>) -> Self {
        self.column = Some(column.clone());
        self
    }
    pub(crate) fn on_sheet(mut self, sheet: Option<&Arc<str>>) -> Self {
        self.sheet = sheet.cloned();
        self
    }

    /// The place and the sentence in Chinese.
    #[must_use]
    pub fn in_chinese(&self) -> String {
        let mut place = String::new();
        if let Some(sheet) = &self.sheet {
            place += &format!("工作表“{sheet}”");
        }
        if let Some(row) = self.row {
            place += &format!("第{row}行");
        }
        if let Some(column) = &self.column {
            place += &format!("“{column}”列");
        }
        match place.is_empty() {
            true => self.chinese.clone(),
            false => format!("{place}：{}", self.chinese),
        }
    }
}

impl fmt::Display for Problem {
    /// The place and the sentence in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = Vec::new();
        if let Some(sheet) = &self.sheet {
            place.push(format!("sheet {sheet}"));
        }
        if let Some(row) = self.row {
            place.push(format!("row {row}"));
        }
        if let Some(column) = &self.column {
            place.push(format!("column {column}"));
        }
        match place.is_empty() {
            true => f.write_str(&self.english),
            false => write!(f, "{}: {}", place.join(", "), self.english),
        }
    }
}

impl std::error::Error for Problem {}
