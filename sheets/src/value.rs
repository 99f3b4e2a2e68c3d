//! A cell as its file has it, and as the value that its column says.

use crate::{
    day::{self, Epoch, NoDay},
    fold,
    kind::{Column, List, Meaning, Type},
    number::{self, Decimal},
    problem::{Code, Problem},
};
use std::{borrow::Cow, fmt, sync::Arc};
use time::Date;

/// How a workbook shows a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Plain,
    Date,
    Percent,
}

/// A cell as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Raw {
    #[default]
    Empty,
    Text(String),
    /// A number of a workbook, with the text it is stored as.
    Number {
        stored: String,
        float: f64,
        style: Style,
        /// From which day its workbook counts.
        epoch: Epoch,
    },
    Bool(bool),
    /// `#N/A` and the like.
    Error(String),
    /// A formula without a result.
    NotComputed,
}

impl Raw {
    /// The text that a copy of the file shows.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Raw::Empty | Raw::NotComputed => "".into(),
            Raw::Text(text) | Raw::Error(text) => text.into(),
            Raw::Bool(true) => "TRUE".into(),
            Raw::Bool(false) => "FALSE".into(),
            Raw::Number {
                stored,
                float,
                style: Style::Date,
                epoch,
            } => match day::of_serial(*float, *epoch) {
                Ok(day) => day.to_string().into(),
                Err(_) => stored.into(),
            },
            Raw::Number {
                stored,
                float,
                style,
                ..
            } => number_text(stored, *float, *style),
        }
    }
    /// About how many bytes its text has.
    pub(crate) fn size(&self) -> usize {
        match self {
            Raw::Text(text) | Raw::Error(text) | Raw::Number { stored: text, .. } => text.len(),
            Raw::Empty | Raw::Bool(_) | Raw::NotComputed => 0,
        }
    }
    /// Whether it is a number with more digits than a spreadsheet keeps.
    fn is_rounded(&self) -> bool {
        matches!(self, Raw::Number { float, .. } if float.abs() >= EXACT_BELOW)
    }
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Raw::Empty => true,
            Raw::Text(text) => fold::is_blank(text),
            _ => false,
        }
    }
}

/// From here on a floating number is not every whole number, and before that a spreadsheet has rounded it to 15 digits.
const EXACT_BELOW: f64 = 1e15;

/// Digits that are shown as they are stored: no exponent, no more than a spreadsheet shows, no noughts at the end.
fn is_shown_as_stored(stored: &str) -> bool {
    let whole = stored
        .bytes()
        .all(|c| c.is_ascii_digit() || c == b'.' || c == b'-');
    whole && stored.len() <= 15 && !(stored.contains('.') && stored.ends_with(['0', '.']))
}

fn number_text(stored: &str, float: f64, style: Style) -> Cow<'_, str> {
    if style == Style::Plain && is_shown_as_stored(stored) {
        return stored.into();
    }
    let (number, mark) = match style {
        Style::Percent => (float * 100.0, "%"),
        _ => (float, ""),
    };
    let size = number.abs();
    if size >= EXACT_BELOW || (size < 1e-9 && size > 0.0) || !number.is_finite() {
        return stored.into();
    }
    // 15 digits, as a spreadsheet shows it, and none of the noise behind them.
    let shown: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    format!("{shown}{mark}").into()
}

/// A text that is never printed by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sensitive(String);

impl Sensitive {
    /// The text. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(..)")
    }
}

/// What a cell says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, identifier, or number of a household's card.
    Text(String),
    /// Citizen number, certificate, bank card, phone, diagnosis: without blanks, with a capital X. That a citizen number
    /// has its form is held; whether it is right (date, check character) is not.
    Sensitive(Sensitive),
    Whole(i64),
    Fen(i64),
    SquareDecimetres(i64),
    Metres(i64),
    BasisPoints(i64),
    Date(Date),
    Month {
        year: i32,
        month: u8,
    },
    Year(i32),
    Village(i64),
    YesNo(bool),
    Code(Arc<str>),
    Codes(Vec<Arc<str>>),
}

/// Reads a cell. `parts` is how many of the smallest unit one of the heading's unit has.
///
/// # Errors
/// What is wrong with it, without its place.
pub(crate) fn read(raw: &Raw, column: &Column, parts: i64) -> Result<Option<Value>, Problem> {
    match raw {
        Raw::Error(error) => {
            return Err(Problem::new(
                Code::FormulaError,
                format!(
                    "the formula gives {}: correct it or write the value itself",
                    fold::told(error)
                ),
                format!("公式结果为 {}，请改正公式或直接填写数值", fold::told(error)),
            ));
        }
        Raw::NotComputed => {
            return Err(Problem::new(
                Code::NotComputed,
                "the formula was never computed: open the file in a spreadsheet, save it, and send it again",
                "公式尚未计算，请用表格软件打开并保存后重新上传",
            ));
        }
        _ => {}
    }
    let text = raw.text();
    if text.contains('\u{fffd}') {
        return Err(Problem::new(
            Code::LostCharacters,
            "characters were lost when the file was converted: write them again, or send the original file",
            "内容含有转换时丢失的字符，请重新填写或上传原始文件",
        ));
    }
    let cell = Cell { raw, column, parts };
    if matches!(column.is, Type::Text | Type::SensitiveText) && raw.is_rounded() {
        return Err(damaged());
    }
    match &column.is {
        Type::Text => Ok(plain(&text).map(Value::Text)),
        Type::SensitiveText => Ok(plain(&text).map(sensitive)),
        Type::Code(list) => cell.code(&text, list),
        Type::Codes(list) => codes(&text, list),
        Type::YesNo(list) => cell.yes_no(&text, list),
        _ => {
            let text = fold::value(&text);
            match is_nothing(&text) {
                true => Ok(None),
                false => cell.typed(&text).map(Some),
            }
        }
    }
}

/// A text as it is to be kept: as it was written, without blanks around it.
fn plain(text: &str) -> Option<String> {
    let text =
        fold::unescaped(text.trim_matches(|sign: char| sign.is_whitespace() && sign != '\t'));
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn sensitive(text: String) -> Value {
    Value::Sensitive(Sensitive(text))
}

/// What is written where there is no value.
fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "无" | "/" | "\\") || text.chars().all(|sign| sign == '-')
}

/// The cell at hand.
struct Cell<'c> {
    raw: &'c Raw,
    column: &'c Column,
    parts: i64,
}

impl Cell<'_> {
    fn typed(&self, text: &str) -> Result<Value, Problem> {
        match self.column.is {
            Type::CitizenNumber => self.citizen_number(text),
            Type::DisabilityCertificate => self.certificate(text),
            Type::BankCard => self.bank_card(text),
            Type::HouseholdCard | Type::Identifier => self.identifier(text),
            Type::Phone => self.phone(text),
            Type::VillageCode => self.village(text),
            Type::Whole { from, to } => self.whole(text, from, to),
            Type::Yuan => self.quantity(text, &["元整", "元"]).map(Value::Fen),
            Type::Area => self
                .quantity(text, &["平方米", "平米", "㎡", "m²", "m2"])
                .map(Value::SquareDecimetres),
            Type::Distance => self.quantity(text, &[]).map(Value::Metres),
            Type::Rate => self.rate(text),
            Type::Date => self.day(text).map(Value::Date),
            Type::Month => self.month(text),
            Type::Period => self.period(text),
            Type::Year => self.year(text, day::parse_year),
            Type::SchoolYear => self.year(text, day::parse_school_year),
            Type::Text | Type::SensitiveText | Type::YesNo(_) | Type::Code(_) | Type::Codes(_) => {
                Ok(Value::Text(text.to_owned()))
            }
        }
    }

    /// The digits and letters of a number that is no quantity.
    fn number(&self, text: &str) -> Result<String, Problem> {
        if self.raw.is_rounded() || number::is_scientific(text) {
            return Err(damaged());
        }
        Ok(fold::word(text))
    }

    fn citizen_number(&self, text: &str) -> Result<Value, Problem> {
        let number = self.number(text)?;
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        // The check character may be an X.
        let has_form = match number.len() {
            15 => digits == 15,
            18 => digits == 18 || (digits == 17 && number.ends_with('X')),
            _ => false,
        };
        if !has_form {
            return Err(Problem::new(
                Code::CitizenNumber,
                format!(
                    "a citizen number has 18 characters, or 15 digits in its old form; this has {}",
                    number.chars().count()
                ),
                format!(
                    "身份证号应为18位（旧号15位），此处为{}位，请核对",
                    number.chars().count()
                ),
            ));
        }
        if number::lost_its_end(&number) && !number::has_its_check_character(&number) {
            return Err(damaged());
        }
        Ok(sensitive(number))
    }

    fn certificate(&self, text: &str) -> Result<Value, Problem> {
        let number = self.number(text)?;
        let is_digit = |at: usize| number.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let has_form = number.len() == 20
            && (0..20).all(|at| is_digit(at) || (at == 17 && number.as_bytes()[at] == b'X'));
        if has_form {
            return Ok(sensitive(number));
        }
        Err(Problem::new(
            Code::DisabilityCertificate,
            format!(
                "a disability certificate has 20 characters: citizen number, category, grade; this has {}",
                number.chars().count()
            ),
            format!(
                "残疾人证号应为20位（身份证号18位＋类别1位＋等级1位），此处为{}位，请核对",
                number.chars().count()
            ),
        ))
    }

    fn bank_card(&self, text: &str) -> Result<Value, Problem> {
        let number: String = self
            .number(text)?
            .chars()
            .filter(|sign| *sign != '-')
            .collect();
        if !(13..=19).contains(&number.len()) || !number.bytes().all(|c| c.is_ascii_digit()) {
            return Err(Problem::new(
                Code::BankCard,
                format!(
                    "a bank card has 13 to 19 digits; this has {} characters",
                    number.chars().count()
                ),
                format!(
                    "银行卡号应为13至19位数字，此处为{}位，请核对",
                    number.chars().count()
                ),
            ));
        }
        if number::lost_its_end(&number) && !number::has_its_check_digit(&number) {
            return Err(damaged());
        }
        Ok(sensitive(number))
    }

    fn identifier(&self, text: &str) -> Result<Value, Problem> {
        let number = self.number(text)?;
        let is_fraction =
            matches!(self.raw, Raw::Number { float, .. } if float.fract() != 0.0 || *float < 0.0);
        if is_fraction || number.chars().count() > 60 || number.chars().any(char::is_control) {
            return Err(Problem::new(
                Code::Identifier,
                format!(
                    "`{}` is no number that an office gives: write it as a text of at most 60 characters",
                    fold::told(text)
                ),
                format!(
                    "“{}”不是有效的编号，请以文本格式填写，最多60个字",
                    fold::told(text)
                ),
            ));
        }
        Ok(Value::Text(number))
    }

    fn phone(&self, text: &str) -> Result<Value, Problem> {
        let number: String = self
            .number(text)?
            .chars()
            .filter(|sign| !matches!(sign, '-' | '(' | ')'))
            .collect();
        let digits = number.strip_prefix('+').unwrap_or(&number);
        if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err(Problem::new(
                Code::Phone,
                "a phone number has 7 to 15 digits, and a cell holds one number",
                "联系电话应为7至15位数字，一个单元格只填一个号码",
            ));
        }
        Ok(sensitive(number))
    }

    fn village(&self, text: &str) -> Result<Value, Problem> {
        let number = self.number(text)?;
        let code: Option<i64> = number
            .parse()
            .ok()
            .filter(|_| number.len() == 12 && number.bytes().all(|c| c.is_ascii_digit()));
        match code {
            Some(code) if code >= 100_000_000_000 && code % 1_000 != 0 => Ok(Value::Village(code)),
            _ => Err(Problem::new(
                Code::VillageCode,
                format!(
                    "`{}` is no code of a village: 12 digits that do not end in 000",
                    fold::told(text)
                ),
                format!(
                    "“{}”不是村级区划代码：应为12位数字，且末三位不为000",
                    fold::told(text)
                ),
            )),
        }
    }

    /// The exact number in a cell, without a unit behind it.
    fn decimal(&self, text: &str, units: &[&str]) -> Result<Option<Decimal>, Problem> {
        if let Raw::Number { float, .. } = self.raw {
            return Ok(Decimal::of_float(*float));
        }
        if number::is_scientific(text) {
            return Err(damaged());
        }
        let text = text.trim_start_matches(['¥', '￥']);
        let bare = units
            .iter()
            .find_map(|unit| text.strip_suffix(unit))
            .unwrap_or(text);
        Ok(Decimal::parse(bare.trim()))
    }

    fn whole(&self, text: &str, from: i64, to: i64) -> Result<Value, Problem> {
        let units = ["人", "口", "个月", "月", "个", "名", "户", "年级"];
        let word = units
            .iter()
            .find_map(|unit| text.strip_suffix(unit))
            .unwrap_or(text);
        let decimal = match chinese_digit(word) {
            Some(digit) => Some(Decimal::parse(digit)).flatten(),
            None => self.decimal(text, &units)?,
        };
        let Some(number) = decimal.and_then(|decimal| decimal.times(1)) else {
            return Err(Problem::new(
                Code::WholeNumber,
                format!("`{}` is no whole number", fold::told(text)),
                format!("“{}”不是整数", fold::told(text)),
            ));
        };
        if !(from..=to).contains(&number) {
            return Err(Problem::new(
                Code::OutOfRange,
                format!("{} is not between {from} and {to}", fold::told(text)),
                format!("{}不在{from}至{to}之间", fold::told(text)),
            ));
        }
        Ok(Value::Whole(number))
    }

    /// A quantity in its smallest unit.
    fn quantity(&self, text: &str, units: &[&str]) -> Result<i64, Problem> {
        let (text, parts) = match text.strip_suffix("万元") {
            Some(rest) if self.column.is == Type::Yuan => (rest, FEN_OF_TEN_THOUSAND_YUAN),
            _ => (text, self.parts),
        };
        let decimal = self.decimal(text, units)?;
        if decimal.is_some_and(Decimal::is_negative) {
            return Err(Problem::new(
                Code::Negative,
                format!("`{}` is below zero", fold::told(text)),
                format!("“{}”为负数，请核对", fold::told(text)),
            ));
        }
        let amount = decimal.and_then(|decimal| decimal.times(parts));
        amount
            .filter(|amount| *amount <= LARGEST_AMOUNT)
            .ok_or_else(|| {
                Problem::new(
                    Code::Amount,
                    format!(
                        "`{}` is no amount with at most two places after the point",
                        fold::told(text)
                    ),
                    format!("“{}”不是有效的数额，小数最多两位", fold::told(text)),
                )
            })
    }

    fn rate(&self, text: &str) -> Result<Value, Problem> {
        let told = fold::told(text);
        let wrong = || {
            Problem::new(
                Code::Rate,
                format!("`{told}` is no rate of a year: write it in percent, as 4.35%"),
                format!("“{told}”不是有效的年利率，请按百分数填写，如4.35%"),
            )
        };
        let (decimal, is_percent) = match (self.raw, text.strip_suffix('%')) {
            (
                Raw::Number {
                    float,
                    style: Style::Percent,
                    ..
                },
                _,
            ) => (Decimal::of_float(float * 100.0), true),
            (_, Some(percent)) => (self.decimal(percent, &[])?, true),
            (_, None) => (self.decimal(text, &[])?, false),
        };
        let points = decimal
            .and_then(|decimal| decimal.times(100))
            .filter(|points| (0..=10_000).contains(points))
            .ok_or_else(wrong)?;
        // 0.0435 without a sign is 4.35 percent as likely as it is 0.0435 percent.
        match !is_percent && (1..100).contains(&points) {
            true => Err(wrong()),
            false => Ok(Value::BasisPoints(points)),
        }
    }

    fn day(&self, text: &str) -> Result<Date, Problem> {
        match self.raw {
            // 2018 in a column of days is a year rather than a day of 1905: what no format calls a date has five digits.
            Raw::Number {
                float,
                style,
                epoch,
                ..
            } if *style == Style::Date || (10_000.0..100_000.0).contains(float) => {
                day::of_serial(*float, *epoch).map_err(|_| no_serial(text))
            }
            Raw::Number { float, .. } if !is_day_of_eight(*float) => Err(no_serial(text)),
            _ => day::parse(text).map_err(|why| no_day(text, why)),
        }
    }

    fn styled_day(&self) -> Option<Result<Date, Problem>> {
        let styled = matches!(
            self.raw,
            Raw::Number {
                style: Style::Date,
                ..
            }
        );
        styled.then(|| self.day(&self.raw.text()))
    }

    fn month(&self, text: &str) -> Result<Value, Problem> {
        let (year, month) = match self.styled_day() {
            Some(day) => day::month_of(day?),
            None => day::parse_month(text).map_err(|_| {
                Problem::new(
                    Code::Month,
                    format!("`{}` is no month: write it as 2018-03", fold::told(text)),
                    format!("“{}”不是有效的月份，请按2018-03填写", fold::told(text)),
                )
            })?,
        };
        Ok(Value::Month { year, month })
    }

    fn period(&self, text: &str) -> Result<Value, Problem> {
        match self.styled_day() {
            None if day::parse_year(text).is_ok() => self.year(text, day::parse_year),
            _ => self.month(text),
        }
    }

    fn year(&self, text: &str, parse: fn(&str) -> Result<i32, NoDay>) -> Result<Value, Problem> {
        if let Some(day) = self.styled_day() {
            return Ok(Value::Year(day?.year()));
        }
        parse(text).map(Value::Year).map_err(|_| {
            Problem::new(
                Code::Year,
                format!(
                    "`{}` is no year: write it with four digits, as 2018",
                    fold::told(text)
                ),
                format!("“{}”不是有效的年份，请填四位年份，如2018", fold::told(text)),
            )
        })
    }

    fn code(&self, text: &str, list: &List) -> Result<Option<Value>, Problem> {
        let word = fold::word(text);
        match list.meaning(&word) {
            Some(Meaning::Code(code)) => Ok(Some(Value::Code(code))),
            Some(Meaning::Nothing) => Ok(None),
            None if is_nothing(&word) => Ok(None),
            None => Err(unknown_word(text, list)),
        }
    }

    fn yes_no(&self, text: &str, list: &List) -> Result<Option<Value>, Problem> {
        let code = self.code(text, list).map_err(|_| {
            Problem::new(
                Code::YesNo,
                format!(
                    "`{}` is neither yes nor no: write 是 or 否",
                    fold::told(text)
                ),
                format!("“{}”无法识别，请填“是”或“否”", fold::told(text)),
            )
        })?;
        Ok(code.map(|code| Value::YesNo(code == Value::Code("YES".into()))))
    }
}

/// Fen of what a heading or a cell calls 万元.
pub(crate) const FEN_OF_TEN_THOUSAND_YUAN: i64 = 1_000_000;
/// Ten thousand million yuan, in fen.
const LARGEST_AMOUNT: i64 = 1_000_000_000_000;

/// 20180301 as a number.
fn is_day_of_eight(float: f64) -> bool {
    (10_000_000.0..100_000_000.0).contains(&float)
}

fn chinese_digit(word: &str) -> Option<&'static str> {
    let digits = [
        ("一", "1"),
        ("二", "2"),
        ("两", "2"),
        ("三", "3"),
        ("四", "4"),
        ("五", "5"),
        ("六", "6"),
        ("七", "7"),
        ("八", "8"),
        ("九", "9"),
        ("十", "10"),
    ];
    digits
        .into_iter()
        .find_map(|(chinese, digit)| (chinese == word).then_some(digit))
}

fn codes(text: &str, list: &List) -> Result<Option<Value>, Problem> {
    let mut codes = Vec::new();
    // A word with a comma in it comes before its parts.
    if let Some(Meaning::Code(code)) = list.meaning(text) {
        return Ok(Some(Value::Codes(vec![code])));
    }
    for word in fold::value(text).split(['、', ',', ';', '+', '|', '/', '\n']) {
        match list.meaning(word) {
            Some(Meaning::Code(code)) if !codes.contains(&code) => codes.push(code),
            Some(_) => {}
            None if is_nothing(&fold::word(word)) => {}
            None => return Err(unknown_word(word, list)),
        }
    }
    Ok((!codes.is_empty()).then_some(Value::Codes(codes)))
}

fn damaged() -> Problem {
    Problem::new(
        Code::DamagedNumber,
        "a spreadsheet has rounded this number, its last digits are lost: format the column as text and enter the number again from the original",
        "该号码被表格软件按数字处理，末几位已丢失：请把该列设为文本格式，按原件重新填写",
    )
}

fn no_serial(text: &str) -> Problem {
    Problem::new(
        Code::DateSerial,
        format!(
            "the number `{}` stands for no day: write the date as 2018-03-01",
            fold::told(text)
        ),
        format!(
            "数值“{}”不能换算成日期，请按2018-03-01填写",
            fold::told(text)
        ),
    )
}

fn no_day(text: &str, why: NoDay) -> Problem {
    let told = fold::told(text);
    match why {
        NoDay::Form => Problem::new(
            Code::Date,
            format!("`{told}` is no date: write year, month and day as 2018-03-01"),
            format!("“{told}”不是有效的日期，请按2018-03-01填写年月日"),
        ),
        NoDay::Absent => Problem::new(
            Code::Date,
            format!("there is no day `{told}`, or it is too far away"),
            format!("日期“{told}”不存在或年份有误"),
        ),
    }
}

fn unknown_word(text: &str, list: &List) -> Problem {
    let told = fold::told(text);
    let nearest = crate::heading::nearest(
        &fold::word(text),
        list.words().filter(|word| !word.is_ascii()),
    );
    let words: Vec<_> = list
        .codes
        .iter()
        .take(12)
        .map(|(_, label)| label.as_str())
        .collect();
    let (meant, of_meant) = match nearest {
        Some(word) => (
            format!("; do you mean {word}?"),
            format!("（是否应为“{word}”）"),
        ),
        None => Default::default(),
    };
    let more = if list.codes.len() > words.len() {
        " .."
    } else {
        ""
    };
    Problem::new(
        Code::UnknownWord,
        format!(
            "`{told}` is not known here{meant}; known are {}{more}",
            words.join(", ")
        ),
        format!(
            "“{told}”无法识别{of_meant}；可填：{}{}",
            words.join("、"),
            if more.is_empty() { "" } else { "等" }
        ),
    )
}
