//! Scalars of the graph. Each says once how it reads a column and how it looks outside; both readers use that.

use crate::{
    db::{BadCell, Cell},
    graphql::plan::{Column, Text, codes, write_text},
};
use async_graphql::{
    ContextSelectionSet, InputValueError, InputValueResult, OutputType, Positioned, Scalar,
    ScalarType, ServerResult, Value, parser::types::Field, registry::Registry,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{codes::Department, region_code::RegionCode};
use std::{borrow::Cow, marker::PhantomData};
use time::Date;

/// Makes text scalars columns.
macro_rules! text_columns {
    ($($scalar:ty),+) => { $(
        impl Column for $scalar {
            fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
                <$scalar as Text>::read(cell)
            }
            fn write(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
                write_text::<$scalar>(cell, json)
            }
        }
    )+ };
}
text_columns!(Fen, Day, Moment, Mu, NamedNode, RegionId, SquareMetres);
codes!(Department);

/// An amount of money: whole fen inside, yuan outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fen(pub i64);

impl std::fmt::Display for Fen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl Text for Fen {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.int().map(Fen)
    }
    fn text(&self, into: &mut Vec<u8>) {
        hundredths(self.0, into);
    }
}

/// An amount in yuan (元) as a decimal string with two places, such as "1234.50".
#[Scalar(name = "Yuan")]
impl ScalarType for Fen {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        parse_hundredths(text).map(Fen).ok_or_else(|| {
            InputValueError::custom("expected yuan with at most two places, such as \"1234.50\"")
        })
    }
    fn to_value(&self) -> Value {
        self.value()
    }
}

/// A floor area: square decimetres inside, square metres outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SquareMetres(pub i64);

impl Text for SquareMetres {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.int().map(SquareMetres)
    }
    fn text(&self, into: &mut Vec<u8>) {
        hundredths(self.0, into);
    }
}

/// An area in square metres (平方米) as a decimal string with two places, such as "62.50".
#[Scalar(name = "SquareMetres")]
impl ScalarType for SquareMetres {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        parse_hundredths(text).map(SquareMetres).ok_or_else(|| {
            InputValueError::custom(
                "expected square metres with at most two places, such as \"62.50\"",
            )
        })
    }
    fn to_value(&self) -> Value {
        self.value()
    }
}

/// An area of land: tenths of a mu inside, mu outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mu(pub i64);

impl Text for Mu {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.int().map(Mu)
    }
    fn text(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(itoa::Buffer::new().format(self.0 / 10).as_bytes());
        into.push(b'.');
        into.push(digit(self.0.unsigned_abs() % 10));
    }
}

/// An area of land in mu (亩), a fifteenth of a hectare, as a decimal string with one place, such as "12.5".
#[Scalar(name = "Mu")]
impl ScalarType for Mu {
    fn parse(_: Value) -> InputValueResult<Self> {
        Err(InputValueError::custom("areas of land are only read"))
    }
    fn to_value(&self) -> Value {
        self.value()
    }
}

/// A share: tenths of a percent inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(pub i64);

impl Percent {
    /// `part` of `whole`, half up to one digit; nothing of nothing is no share.
    #[must_use]
    pub fn of(part: i64, whole: i64) -> Option<Self> {
        if whole <= 0 || part < 0 {
            return None;
        }
        let tenths = (i128::from(part) * 2000 + i128::from(whole)) / (2 * i128::from(whole));
        i64::try_from(tenths).ok().map(Percent)
    }
}

/// A share in percent (百分比) as a decimal string with one place, half up, such as "30.4".
#[Scalar(name = "Percent")]
impl ScalarType for Percent {
    fn parse(_: Value) -> InputValueResult<Self> {
        Err(InputValueError::custom("shares are only read"))
    }
    fn to_value(&self) -> Value {
        Value::String(format!("{}.{}", self.0 / 10, self.0 % 10))
    }
}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

impl Text for Day {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.day().map(Day)
    }
    fn text(&self, into: &mut Vec<u8>) {
        let (year, month, day) = self.0.to_calendar_date();
        let year = u64::from(year.unsigned_abs());
        two_digits(year / 100, into);
        two_digits(year % 100, into);
        into.push(b'-');
        two_digits(u8::from(month).into(), into);
        into.push(b'-');
        two_digits(day.into(), into);
    }
}

/// A calendar day (日期), YYYY-MM-DD, from 1900-01-01 to 2199-12-31.
#[Scalar(name = "Date")]
impl ScalarType for Day {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let format = time::macros::format_description!("[year]-[month]-[day]");
        Date::parse(text, format)
            .ok()
            .filter(|day| text.len() == 10 && (1900..2200).contains(&day.year()))
            .map(Day)
            .ok_or_else(|| {
                InputValueError::custom(
                    "expected a day from 1900-01-01 to 2199-12-31, such as \"2018-03-01\"",
                )
            })
    }
    fn to_value(&self) -> Value {
        self.value()
    }
}

/// A moment: epoch milliseconds inside, UTC outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub i64);

impl Text for Moment {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.int().map(Moment)
    }
    fn text(&self, into: &mut Vec<u8>) {
        let days = self.0.div_euclid(86_400_000);
        let within = self.0.rem_euclid(86_400_000).unsigned_abs();
        let epoch = Date::from_calendar_date(1970, time::Month::January, 1).ok();
        let day = epoch.and_then(|epoch| epoch.checked_add(time::Duration::days(days)));
        Day(day.unwrap_or(Date::MIN)).text(into);
        let seconds = within / 1000;
        for (mark, number) in [
            (b'T', seconds / 3600),
            (b':', seconds / 60 % 60),
            (b':', seconds % 60),
        ] {
            into.push(mark);
            two_digits(number, into);
        }
        into.push(b'.');
        into.push(digit(within / 100 % 10));
        two_digits(within % 100, into);
        into.push(b'Z');
    }
}

/// A moment (时间) in UTC, RFC 3339 with milliseconds, such as "2018-03-01T02:00:00.000Z".
#[Scalar(name = "DateTime")]
impl ScalarType for Moment {
    fn parse(_: Value) -> InputValueResult<Self> {
        Err(InputValueError::custom("moments are only read"))
    }
    fn to_value(&self) -> Value {
        self.value()
    }
}

/// The code of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionId(pub RegionCode);

impl Text for RegionId {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        RegionCode::try_from(cell.int()?)
            .map(RegionId)
            .map_err(|_| BadCell::UNKNOWN)
    }
    fn text(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(self.0.to_string().as_bytes());
    }
}

/// A region code (行政区划代码): 12 digits, 2 + 2 + 2 + 3 + 3, with trailing zeros for the upper levels; 2, 4, 6 or 9
/// digits are taken as the code they begin.
#[Scalar(name = "RegionCode")]
impl ScalarType for RegionId {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        text.parse().map(RegionId).map_err(|_| {
            InputValueError::custom(
                "expected a region code of 2, 4, 6, 9 or 12 digits, such as \"150921\"",
            )
        })
    }
    fn to_value(&self) -> Value {
        self.value()
    }
}

/// The number that a client gives a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(uuid::Uuid);

impl RequestId {
    /// A number that nobody has given yet.
    #[must_use]
    pub fn random() -> Self {
        RequestId(uuid::Uuid::new_v4())
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A number that the client chooses for a request (请求编号): a UUID of RFC 9562 with hyphens, such as
/// "0193a3a4-5b2c-7d11-9c1e-3f6f1f3a2b10". Sent again it changes nothing and gives the same answer, for 400 days.
#[Scalar(name = "UUID")]
impl ScalarType for RequestId {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        uuid::Uuid::parse_str(text)
            .ok()
            .filter(|id| text.len() == 36 && !id.is_nil())
            .map(RequestId)
            .ok_or_else(|| InputValueError::custom("expected a UUID with hyphens"))
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

fn digit(number: u64) -> u8 {
    b'0' + (number % 10) as u8
}

fn two_digits(number: u64, into: &mut Vec<u8>) {
    into.extend([digit(number / 10), digit(number)]);
}

fn hundredths(value: i64, into: &mut Vec<u8>) {
    if value < 0 {
        into.push(b'-');
    }
    let value = value.unsigned_abs();
    into.extend_from_slice(itoa::Buffer::new().format(value / 100).as_bytes());
    into.push(b'.');
    two_digits(value % 100, into);
}

/// A decimal with at most two places as hundredths; no sign but minus, no exponent, no separators.
fn parse_hundredths(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(part) || part.len() > 2 {
        return None;
    }
    let part: i64 = part.parse::<i64>().ok()? * if part.len() == 1 { 10 } else { 1 };
    let value = whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(part)?;
    Some(if negative { -value } else { value })
}

/// What an id names: the GraphQL type of the node. Derived where a record has `id: NodeId<..>`.
pub trait NodeName: Send + Sync + 'static {
    const NAME: &'static str;
}

/// The global id of a node: opaque outside, type and key inside.
#[derive(Debug)]
pub struct NodeId<N>(pub i64, PhantomData<fn() -> N>);

impl<N: NodeName> Text for NodeId<N> {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        Ok(NodeId(cell.int()?, PhantomData))
    }
    fn text(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(global_id(N::NAME, self.0).as_bytes());
    }
}

impl<N: NodeName> Column for NodeId<N> {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        <Self as Text>::read(cell)
    }
    fn write(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
        write_text::<Self>(cell, json)
    }
}

impl<N: NodeName> OutputType for NodeId<N> {
    fn type_name() -> Cow<'static, str> {
        <async_graphql::ID as OutputType>::type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        <async_graphql::ID as OutputType>::create_type_info(registry)
    }
    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(self.value())
    }
}

/// The global id of a node of any type, kept as text.
#[derive(Debug)]
pub struct NamedNode(pub String);

impl Text for NamedNode {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.text().map(|id| NamedNode(id.to_owned()))
    }
    fn text(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(self.0.as_bytes());
    }
}

impl OutputType for NamedNode {
    fn type_name() -> Cow<'static, str> {
        <async_graphql::ID as OutputType>::type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        <async_graphql::ID as OutputType>::create_type_info(registry)
    }
    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(self.value())
    }
}

/// The global id of a row.
#[must_use]
pub fn global_id(type_name: &str, key: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{type_name}:{key}"))
}

/// Type and key of a global id; `None` for anything that no `global_id` gave.
#[must_use]
pub fn parse_global_id(id: &str) -> Option<(String, i64)> {
    if id.len() > 128 {
        return None;
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let (type_name, key) = text.split_once(':')?;
    let key: i64 = key.parse().ok().filter(|key| *key > 0)?;
    (global_id(type_name, key) == id).then(|| (type_name.to_owned(), key))
}

/// Words of a code list kept in one column, separated by commas.
#[derive(Clone, Debug)]
pub struct Words<C>(Vec<C>);

impl<C: entity::codes::CodeList + OutputType> Column for Words<C> {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        let text = if cell.is_null() { "" } else { cell.text()? };
        let words = text.split(',').filter(|word| !word.is_empty());
        let words: Option<Vec<C>> = words.map(C::of_word).collect();
        words.map(Words).ok_or(BadCell::UNKNOWN)
    }
    fn write(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
        json.push(b'[');
        for (index, word) in Self::read(cell)?.0.into_iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            crate::graphql::response::write_string(word.word(), json);
        }
        json.push(b']');
        Ok(())
    }
}

impl<C: OutputType> OutputType for Words<C> {
    fn type_name() -> Cow<'static, str> {
        <Vec<C> as OutputType>::type_name()
    }
    fn qualified_type_name() -> String {
        <Vec<C> as OutputType>::qualified_type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<C> as OutputType>::create_type_info(registry)
    }
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}
