//! The rules that the folders share: whole months, and the income benefits that exclude each other.

use crate::writing::{Code, Door, Mistake, Mistakes, Stop};
use time::Date;

pub const OTHER_INCOME_BENEFIT: Code = Code::new(
    "OTHER_INCOME_BENEFIT",
    "该户或成员在同月已享受其他收入型救助（特困供养、现金直补或另一低保）：同月只能享受一项。",
    "The household or a member has another income benefit in the same month (special support, cash subsidy, other dibao): only one is possible.",
);
pub const NOT_FIRST_OF_MONTH: Code = Code::new(
    "NOT_FIRST_OF_MONTH",
    "日期须为某月一日：请更正。",
    "This day must be the first of a month: correct it.",
);

pub fn first_of_month(mistakes: &mut Mistakes, day: Date, path: &[&str]) {
    mistakes.unless(day.day() == 1, &NOT_FIRST_OF_MONTH, path);
}

/// A grant in whole months: approved on a day that is there, and before it begins.
pub fn approved_months(mistakes: &mut Mistakes, door: &Door, approved_on: Date, from: Date) {
    first_of_month(mistakes, from, &["input", "validFrom"]);
    mistakes.in_order(Some(approved_on), Some(from), &["input", "approvedOn"]);
    mistakes.not_in_future(approved_on, door.today(), &["input", "approvedOn"]);
}

/// What it means that a month is taken.
pub fn taken(stop: Stop, path: &[&str]) -> Stop {
    let taken = || Mistake::new(&OTHER_INCOME_BENEFIT, path);
    stop.meaning("income_benefit_period_one_for_household", taken())
        .meaning("income_benefit_period_one_for_human", taken())
}
