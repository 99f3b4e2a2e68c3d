//! By when a finding is to be answered.

use entity::reconciliation::codes::FindingSeverity;
use time::{Date, Duration, Month};

/// Days to answer. The domain reference says that HIGH is answered in a set time and MEDIUM with the next yearly update, and
/// leaves the numbers to the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    pub block_days: u16,
    pub high_days: u16,
}

impl Default for Deadlines {
    fn default() -> Self {
        Deadlines {
            block_days: 7,
            high_days: 30,
        }
    }
}

impl Deadlines {
    /// The last day to answer what is found on a day; none for what is information only.
    #[must_use]
    pub fn of(&self, severity: FindingSeverity, found_on: Date) -> Option<Date> {
        let after = |days: u16| found_on.checked_add(Duration::days(days.into()));
        match severity {
            FindingSeverity::Block => after(self.block_days),
            FindingSeverity::High => after(self.high_days),
            // The households are updated at the start of the year: in its first month.
            FindingSeverity::Medium => {
                Date::from_calendar_date(found_on.year() + 1, Month::January, 31).ok()
            }
            FindingSeverity::Low => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn each_severity_has_its_time() {
        let of = |severity| Deadlines::default().of(severity, date!(2018 - 12 - 31));
        assert_eq!(of(FindingSeverity::Block), Some(date!(2019 - 01 - 07)));
        assert_eq!(of(FindingSeverity::High), Some(date!(2019 - 01 - 30)));
        assert_eq!(of(FindingSeverity::Medium), Some(date!(2019 - 01 - 31)));
        assert_eq!(of(FindingSeverity::Low), None);
    }
}
