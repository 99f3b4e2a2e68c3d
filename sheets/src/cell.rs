//! A cell as the value that its column says.

use crate::{
    day::{self, NoDay},
    fold,
    kind::{Column, List, Meaning, Type},
    number::{self, Decimal},
    problem::{Code, Problem},
    value::{Raw, Sensitive, Style, Value},
};
use time::Date;

/// Reads a cell. `parts` is how many of the smallest unit one of the heading's unit has.
///
/// # Errors
/// What is wrong with it, without its place.
pub fn read(raw: &Raw, column: &Column, parts: i64) -> Result<Option<Value>, Problem> {
    let text = raw.text();
    check_legible(raw, &text)?;
    let folded = fold::value(&text);
    let cell = Cell {
        raw,
        text: &folded,
        parts,
    };
    let value = match &column.is {
        Type::Text => return cell.plain(&text).map(|text| text.map(Value::Text)),
        Type::SensitiveText => return cell.plain(&text).map(|text| text.map(sensitive)),
        Type::Code(list) => return cell.code(list),
        Type::Codes(list) => return cell.codes(list),
        Type::YesNo(list) => return cell.yes_no(list),
        _ if is_nothing(&folded) => return Ok(None),
        Type::CitizenNumber => cell.citizen_number(),
        Type::DisabilityCertificate => cell.certificate(),
        Type::BankCard => cell.bank_card(),
        Type::HouseholdCard | Type::Identifier => cell.identifier(),
        Type::Phone => cell.phone(),
        Type::VillageCode => cell.village(),
        Type::Whole { from, to } => cell.whole(*from, *to),
        Type::Yuan => cell.yuan(),
        Type::Area => {
            let units = ["平方米", "平米", "㎡", "m²", "m2"];
            cell.quantity(&units).map(Value::SquareDecimetres)
        }
        Type::Distance => cell.quantity(&[]).map(Value::Metres),
        Type::Rate => cell.rate(),
        Type::Date => cell.day().map(Value::Date),
        Type::Month => cell.month(),
        Type::Period => cell.period(),
        Type::Year => cell.year(day::parse_year),
        Type::SchoolYear => cell.year(day::parse_school_year),
    };
    value.map(Some)
}

/// What no column can make anything of.
fn check_legible(raw: &Raw, text: &str) -> Result<(), Problem> {
    let problem = match raw {
        Raw::Error(error) => Problem::new(
            Code::FormulaError,
            format!(
                "the formula gives {}: correct it or write the value itself",
                fold::told(error)
            ),
            format!("公式结果为 {}，请改正公式或直接填写数值", fold::told(error)),
        ),
        Raw::NotComputed => Problem::new(
            Code::NotComputed,
            "the formula was never computed: open the file in a spreadsheet, save it, and send it again",
            "公式尚未计算，请用表格软件打开并保存后重新上传",
        ),
        _ if text.contains('\u{fffd}') => Problem::new(
            Code::LostCharacters,
            "characters were lost when the file was converted: write them again, or send the original file",
            "内容含有转换时丢失的字符，请重新填写或上传原始文件",
        ),
        _ if text
            .chars()
            .any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t')) =>
        {
            Problem::new(
                Code::ControlCharacter,
                "the cell holds characters that control a machine and that nobody sees: write its text again",
                "单元格含有不可见的控制字符，请重新填写",
            )
        }
        _ => return Ok(()),
    };
    Err(problem)
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
    /// Its text, folded.
    text: &'c str,
    /// How many of the smallest unit one of the heading's has.
    parts: i64,
}

impl Cell<'_> {
    /// A text as it is to be kept: as it was written, without blanks around it.
    fn plain(&self, text: &str) -> Result<Option<String>, Problem> {
        if self.raw.is_rounded() {
            return Err(damaged());
        }
        let text = text.trim_matches(|sign: char| sign.is_whitespace() && sign != '\t');
        let text = fold::unescaped(text);
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// The digits and letters of a number that is no quantity.
    fn number(&self) -> Result<String, Problem> {
        if self.raw.is_rounded() || number::is_scientific(self.text) {
            return Err(damaged());
        }
        Ok(fold::word(self.text))
    }

    fn citizen_number(&self) -> Result<Value, Problem> {
        let number = self.number()?;
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

    fn certificate(&self) -> Result<Value, Problem> {
        let number = self.number()?;
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

    fn bank_card(&self) -> Result<Value, Problem> {
        let number: String = self.number()?.chars().filter(|sign| *sign != '-').collect();
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

    fn identifier(&self) -> Result<Value, Problem> {
        let number = self.number()?;
        let is_fraction =
            matches!(self.raw, Raw::Number { float, .. } if float.fract() != 0.0 || *float < 0.0);
        if is_fraction || number.chars().count() > 60 || number.chars().any(char::is_control) {
            return Err(Problem::new(
                Code::Identifier,
                format!(
                    "`{}` is no number that an office gives: write it as a text of at most 60 characters",
                    fold::told(self.text)
                ),
                format!(
                    "“{}”不是有效的编号，请以文本格式填写，最多60个字",
                    fold::told(self.text)
                ),
            ));
        }
        Ok(Value::Text(number))
    }

    fn phone(&self) -> Result<Value, Problem> {
        let number: String = self
            .number()?
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

    fn village(&self) -> Result<Value, Problem> {
        let number = self.number()?;
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
                    fold::told(self.text)
                ),
                format!(
                    "“{}”不是村级区划代码：应为12位数字，且末三位不为000",
                    fold::told(self.text)
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
        Ok(Decimal::parse(without_unit(text, units).trim()))
    }

    fn whole(&self, from: i64, to: i64) -> Result<Value, Problem> {
        let units = ["人", "口", "个月", "月", "个", "名", "户", "年级"];
        let decimal = match chinese_digit(without_unit(self.text, &units)) {
            Some(digit) => Decimal::parse(digit),
            None => self.decimal(self.text, &units)?,
        };
        let Some(number) = decimal.and_then(|decimal| decimal.times(1)) else {
            return Err(Problem::new(
                Code::WholeNumber,
                format!("`{}` is no whole number", fold::told(self.text)),
                format!("“{}”不是整数", fold::told(self.text)),
            ));
        };
        if !(from..=to).contains(&number) {
            return Err(Problem::new(
                Code::OutOfRange,
                format!("{} is not between {from} and {to}", fold::told(self.text)),
                format!("{}不在{from}至{to}之间", fold::told(self.text)),
            ));
        }
        Ok(Value::Whole(number))
    }

    fn yuan(&self) -> Result<Value, Problem> {
        let fen = match self.text.strip_suffix("万元") {
            Some(text) => self.counted(text, &[], FEN_OF_TEN_THOUSAND_YUAN),
            None => self.quantity(&["元整", "元"]),
        };
        fen.map(Value::Fen)
    }

    /// A quantity in its smallest unit.
    fn quantity(&self, units: &[&str]) -> Result<i64, Problem> {
        self.counted(self.text, units, self.parts)
    }

    fn counted(&self, text: &str, units: &[&str], parts: i64) -> Result<i64, Problem> {
        let told = fold::told(self.text);
        let decimal = self.decimal(text, units)?;
        if decimal.is_some_and(Decimal::is_negative) {
            return Err(Problem::new(
                Code::Negative,
                format!("`{told}` is below zero"),
                format!("“{told}”为负数，请核对"),
            ));
        }
        let amount = decimal.and_then(|decimal| decimal.times(parts));
        amount.filter(|amount| *amount <= LARGEST_AMOUNT).ok_or_else(|| {
            Problem::new(
                Code::Amount,
                format!("`{told}` is no amount: digits with at most two places after the point, below 10,000,000,000"),
                format!("“{told}”不是有效的数额：请填数字，小数最多两位，不超过一百亿"),
            )
        })
    }

    fn rate(&self) -> Result<Value, Problem> {
        let told = fold::told(self.text);
        let wrong = || {
            Problem::new(
                Code::Rate,
                format!("`{told}` is no rate of a year: write it in percent, as 4.35%"),
                format!("“{told}”不是有效的年利率，请按百分数填写，如4.35%"),
            )
        };
        let (decimal, is_percent) = match (self.raw, self.text.strip_suffix('%')) {
            (
                Raw::Number {
                    float,
                    style: Style::Percent,
                    ..
                },
                _,
            ) => (Decimal::of_float(float * 100.0), true),
            (_, Some(percent)) => (self.decimal(percent, &[])?, true),
            (_, None) => (self.decimal(self.text, &[])?, false),
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

    fn day(&self) -> Result<Date, Problem> {
        match self.raw {
            // 2018 in a column of days is a year rather than a day of 1905: what no format calls a date has five digits.
            Raw::Number {
                float,
                style,
                epoch,
                ..
            } if *style == Style::Date || (10_000.0..100_000.0).contains(float) => {
                day::of_serial(*float, *epoch).map_err(|_| no_serial(self.text))
            }
            Raw::Number { float, .. } if !is_day_of_eight(*float) => Err(no_serial(self.text)),
            _ => day::parse(self.text).map_err(|why| no_day(self.text, why)),
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
        styled.then(|| self.day())
    }

    fn month(&self) -> Result<Value, Problem> {
        let (year, month) = match self.styled_day() {
            Some(day) => day::month_of(day?),
            None => day::parse_month(self.text).map_err(|_| {
                Problem::new(
                    Code::Month,
                    format!(
                        "`{}` is no month: write it as 2018-03",
                        fold::told(self.text)
                    ),
                    format!("“{}”不是有效的月份，请按2018-03填写", fold::told(self.text)),
                )
            })?,
        };
        Ok(Value::Month { year, month })
    }

    fn period(&self) -> Result<Value, Problem> {
        match self.styled_day() {
            None if day::parse_year(self.text).is_ok() => self.year(day::parse_year),
            _ => self.month(),
        }
    }

    fn year(&self, parse: fn(&str) -> Result<i32, NoDay>) -> Result<Value, Problem> {
        if let Some(day) = self.styled_day() {
            return Ok(Value::Year(day?.year()));
        }
        parse(self.text).map(Value::Year).map_err(|_| {
            Problem::new(
                Code::Year,
                format!(
                    "`{}` is no year: write it with four digits, as 2018",
                    fold::told(self.text)
                ),
                format!(
                    "“{}”不是有效的年份，请填四位年份，如2018",
                    fold::told(self.text)
                ),
            )
        })
    }

    fn code(&self, list: &List) -> Result<Option<Value>, Problem> {
        match list.meaning(self.text) {
            Some(Meaning::Code(code)) => Ok(Some(Value::Code(code))),
            Some(Meaning::Nothing) => Ok(None),
            None if is_nothing(self.text) => Ok(None),
            None => Err(unknown_word(self.text, list)),
        }
    }

    fn yes_no(&self, list: &List) -> Result<Option<Value>, Problem> {
        let code = self.code(list).map_err(|_| {
            Problem::new(
                Code::YesNo,
                format!(
                    "`{}` is neither yes nor no: write 是 or 否",
                    fold::told(self.text)
                ),
                format!("“{}”无法识别，请填“是”或“否”", fold::told(self.text)),
            )
        })?;
        Ok(code.map(|code| Value::YesNo(code == Value::Code("YES".into()))))
    }

    fn codes(&self, list: &List) -> Result<Option<Value>, Problem> {
        // A word with a comma in it comes before its parts.
        if let Some(Meaning::Code(code)) = list.meaning(self.text) {
            return Ok(Some(Value::Codes(vec![code])));
        }
        let mut codes = Vec::new();
        for word in self.text.split(['、', ',', ';', '+', '|', '/', '\n']) {
            match list.meaning(word) {
                Some(Meaning::Code(code)) if !codes.contains(&code) => codes.push(code),
                Some(_) => {}
                None if is_nothing(word.trim()) => {}
                None => return Err(unknown_word(word, list)),
            }
        }
        Ok((!codes.is_empty()).then_some(Value::Codes(codes)))
    }
}

/// A text without the first of these units that it ends with.
fn without_unit<'t>(text: &'t str, units: &[&str]) -> &'t str {
    let bare = units.iter().find_map(|unit| text.strip_suffix(unit));
    bare.unwrap_or(text)
}

/// Fen of what a heading or a cell calls 万元.
pub const FEN_OF_TEN_THOUSAND_YUAN: i64 = 1_000_000;
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
