//! What came of a row, as the copy of the file tells it.

use crate::writing::SAME_ON_RECORD;
use sheets::Problem;

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is on record now, or would be; and what that changes.
    Changed(String),
    /// It was on record already.
    Unchanged,
    /// Nothing was done, for these reasons.
    Refused(Vec<Fault>),
    /// No row: a total, a note, headings once more.
    Beside,
}

/// Why a row is not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub code: String,
    /// What to do, in Chinese.
    pub sentence: String,
}

impl Fault {
    pub(super) fn new(code: &str, sentence: impl Into<String>) -> Self {
        Fault {
            code: code.to_owned(),
            sentence: sentence.into(),
        }
    }
}

impl From<&Problem> for Fault {
    fn from(problem: &Problem) -> Self {
        let column = problem.column.as_deref();
        let place = column.map_or_else(String::new, |column| format!("{column}："));
        Fault::new(problem.code.as_str(), format!("{place}{}", problem.chinese))
    }
}

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Counts {
    pub changed: i32,
    pub unchanged: i32,
    pub refused: i32,
}

impl Counts {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Changed(_) => self.changed += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Refused(_) => self.refused += 1,
            Outcome::Beside => {}
        }
    }
}

impl Outcome {
    /// What came of a mutation with these faults, which changes what is told.
    pub(super) fn of(faults: impl Iterator<Item = Fault>, changes: String) -> Self {
        let faults: Vec<_> = faults.collect();
        match faults.as_slice() {
            [] => Outcome::Changed(changes),
            [fault] if fault.code == SAME_ON_RECORD.word => Outcome::Unchanged,
            _ => Outcome::Refused(faults),
        }
    }

    /// One more fault.
    pub(super) fn add(outcome: &mut Option<Outcome>, fault: Fault) {
        match outcome {
            Some(Outcome::Refused(faults)) => faults.push(fault),
            _ => *outcome = Some(Outcome::Refused(vec![fault])),
        }
    }

    /// The two cells that the copy of the file has besides: what came of the row, and why.
    pub(super) fn cells(&self, applied: bool) -> [String; 2] {
        let (word, why) = match self {
            Outcome::Changed(_) if applied => ("已导入", String::new()),
            Outcome::Changed(changes) => ("可导入", changes.clone()),
            Outcome::Unchanged => ("无变化", "已有相同记录。".to_owned()),
            Outcome::Beside => ("", "合计、说明或重复的表头，未读取。".to_owned()),
            Outcome::Refused(faults) => {
                let told = faults
                    .iter()
                    .map(|fault| format!("{}（{}）", fault.sentence, fault.code));
                ("未导入", told.collect::<Vec<_>>().join(""))
            }
        };
        [word.to_owned(), why]
    }
}
