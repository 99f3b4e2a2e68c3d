//! What a client did wrong, and how a write ends that does not take place.

use crate::{
    db::{DbError, WriteError},
    graphql::plan::Refusal,
    text::is_plain,
};

/// A mistake's code, with what it says in general.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable word.
    pub word: &'static str,
    pub chinese: &'static str,
    pub english: &'static str,
}

impl Code {
    #[must_use]
    pub const fn new(word: &'static str, chinese: &'static str, english: &'static str) -> Self {
        Code {
            word,
            chinese,
            english,
        }
    }
}

/// A row that the request speaks of does not exist for the viewer.
pub const NOT_FOUND: Code = Code::new(
    "NOT_FOUND",
    "没有这条记录，或不在您的范围内：请核对编号。",
    "There is no such record for you: check the id.",
);
/// All that is sent is on record already: there is nothing to do. A file tells such a row as unchanged.
pub const SAME_ON_RECORD: Code = Code::new(
    "SAME_ON_RECORD",
    "已有相同记录，无需重复办理。",
    "The same is on record already: there is nothing to do.",
);
/// What came of something, told when later news of it are on record. A file tells such a row as refused, and it is no contradiction.
pub const OLDER_RESULT: Code = Code::new(
    "OLDER_RESULT",
    "登记的结果比该结果更新，不再更改：请核对实发日期或退回日期。",
    "What is on record is newer than this result, and stays: check the day paid or returned.",
);
/// Somebody else has edited the row since the client read it.
pub const CONFLICT: Code = Code::new(
    "CONFLICT",
    "他人已修改此记录：请查看 conflict，核对后用当前版本重新提交。",
    "Somebody has changed this record: see conflict, compare, and submit again with the current version.",
);
/// A value that the field can't have.
pub const INVALID_VALUE: Code = Code::new(
    "INVALID_VALUE",
    "填写的内容不符合要求：请更正。",
    "The value is not one that this field can have: correct it.",
);
/// One input of a list was done before, by a request of this number with another content.
pub const REQUEST_ID_REUSED: Code = Code::new(
    "REQUEST_ID_REUSED",
    "请求编号已用于另一内容：请换一个新的编号。",
    "This requestId was used for another content: choose a new one.",
);

/// What every mutation may answer.
pub const COMMON: [&Code; 4] = [&NOT_FOUND, &CONFLICT, &INVALID_VALUE, &REQUEST_ID_REUSED];

/// One mistake of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub code: &'static Code,
    /// The argument, and the fields below it.
    pub path: Vec<String>,
    /// What it says, where it says more than the code: Chinese, English.
    pub said: Option<(String, String)>,
}

impl Mistake {
    #[must_use]
    pub fn new(code: &'static Code, path: &[&str]) -> Self {
        Mistake {
            code,
            path: path.iter().map(ToString::to_string).collect(),
            said: None,
        }
    }
    /// A mistake with a sentence of its own in both languages.
    #[must_use]
    pub fn saying(
        code: &'static Code,
        path: &[&str],
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        Mistake {
            said: Some((chinese.into(), english.into())),
            ..Mistake::new(code, path)
        }
    }
}

/// The mistakes of one request, collected so that all are answered at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub fn add(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }
    /// Adds a mistake unless the rule holds.
    pub fn unless(&mut self, holds: bool, code: &'static Code, path: &[&str]) {
        if !holds {
            self.add(Mistake::new(code, path));
        }
    }
    /// Adds a mistake with its own sentence unless the rule holds.
    pub fn unless_saying(
        &mut self,
        holds: bool,
        code: &'static Code,
        path: &[&str],
        chinese: &str,
        english: &str,
    ) {
        if !holds {
            self.add(Mistake::saying(code, path, chinese, english));
        }
    }
    /// The first day does not come after the second, where both are given.
    pub fn in_order(&mut self, first: Option<time::Date>, then: Option<time::Date>, path: &[&str]) {
        let holds = first.zip(then).is_none_or(|(first, then)| first <= then);
        self.unless_saying(
            holds,
            &INVALID_VALUE,
            path,
            "日期先后有误：请核对。",
            "The days are in the wrong order: check them.",
        );
    }
    /// The day has come.
    pub fn not_in_future(&mut self, day: time::Date, today: time::Date, path: &[&str]) {
        self.unless_saying(
            day <= today,
            &INVALID_VALUE,
            path,
            "日期不能晚于今天：请更正。",
            "This day lies ahead: give today's or an earlier one.",
        );
    }
    /// A sensitive value as it was sent, where it can be read. What is told of another one never repeats it.
    pub fn readable<V, E>(
        &mut self,
        text: &str,
        parse: impl FnOnce(&str) -> Result<V, E>,
        path: &[&str],
        (chinese, english): (&str, &str),
    ) -> Option<V> {
        // Separators are left out where a value is read; a control character is none. A star stands in masks only.
        let plain = is_plain(text) && !text.contains('*');
        let value = plain.then(|| parse(text).ok()).flatten();
        self.unless_saying(value.is_some(), &INVALID_VALUE, path, chinese, english);
        value
    }
    /// An amount is not below zero.
    pub fn not_negative(&mut self, value: i64, path: &[&str]) {
        self.unless_saying(
            value >= 0,
            &INVALID_VALUE,
            path,
            "数值不能为负：请更正。",
            "This can't be below zero: correct it.",
        );
    }
    /// An amount is above zero.
    pub fn positive(&mut self, value: i64, path: &[&str]) {
        self.unless_saying(
            value > 0,
            &INVALID_VALUE,
            path,
            "数值须大于零：请更正。",
            "This must be above zero: correct it.",
        );
    }
    /// A text is there, holds no control characters, and is at most `length` characters long.
    pub fn text(&mut self, text: &str, length: usize, path: &[&str]) {
        let fits = !text.trim().is_empty() && text.chars().count() <= length && is_plain(text);
        if !fits {
            self.add(Mistake::saying(
                &INVALID_VALUE,
                path,
                format!("须为 1 至 {length} 个字，且不含控制字符：请更正。"),
                format!("This must have 1 to {length} characters and no control characters."),
            ));
        }
    }
    /// Goes on only without mistakes.
    ///
    /// # Errors
    /// All mistakes found so far.
    pub fn none(&self) -> Result<(), Stop> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Stop::Refused(self.0.clone())),
        }
    }
}

/// A row was edited in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The table and key of the row.
    pub table: &'static str,
    pub key: i64,
    /// The version it has now, and the one the client had.
    pub current: i32,
    pub given: i32,
    /// Where the client gave it.
    pub path: Vec<String>,
}

/// Why a write does not take place. Everything is rolled back.
#[derive(Debug)]
pub enum Stop {
    /// The client's mistakes.
    Refused(Vec<Mistake>),
    /// Somebody else was faster.
    Conflict(Conflict),
    /// The request as a whole is refused.
    Refusal(Refusal),
    /// The database.
    Database(DbError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Stop::Database(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Refusal(refusal)
    }
}

impl From<Mistake> for Stop {
    fn from(mistake: Mistake) -> Self {
        Stop::Refused(vec![mistake])
    }
}

impl WriteError for Stop {
    fn database_error(&self) -> Option<&DbError> {
        match self {
            Stop::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl Stop {
    /// The mistake that a refusal of this constraint means.
    #[must_use]
    pub fn meaning(self, constraint: &str, mistake: Mistake) -> Self {
        match self {
            Stop::Database(error) if error.violates(constraint) => mistake.into(),
            other => other,
        }
    }

    /// Where this constraint refuses, somebody was faster: the write is run again, and finds what they wrote.
    #[must_use]
    pub fn raced(self, constraint: &str) -> Self {
        match self {
            Stop::Database(error) if error.violates(constraint) => DbError::Locked.into(),
            other => other,
        }
    }
}
