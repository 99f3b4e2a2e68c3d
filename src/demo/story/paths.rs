//! What happens to the files, in the proportions of 乌兰察布 (domain reference, section 15).
//!
//! A hundred thousand families are the prefecture: 38,000 households on file at the end of 2017, 22,000 that left poverty
//! in that year, and so many newly found and gone before that the persons of 2015 and 2016 come out as well. Of 2018, and
//! of households that were never on file, the source says nothing.

use super::super::{LAST_DAY, dice::Dice, family::StatusSpan};
use entity::household::codes::HouseholdStatus;
use time::{Date, Duration, Month, macros::date};

/// A way that files go.
pub(super) struct Path {
    /// Of a hundred thousand families.
    pub households: u64,
    /// First and last year of registration; none for families that are not on file.
    registered: Option<(i32, i32)>,
    /// What followed, each in its year.
    then: &'static [(HouseholdStatus, i32)],
    /// The status at the end.
    pub status: HouseholdStatus,
}

pub(super) const PATHS: [Path; 17] = {
    use HouseholdStatus::{
        Candidate, Closed, Exited, Registered, Returned, StruckOff, UnderAppraisal,
    };
    const OLD: Option<(i32, i32)> = Some((2014, 2015));
    const fn since(year: i32) -> Option<(i32, i32)> {
        Some((year, year))
    }
    const fn path(
        households: u64,
        registered: Option<(i32, i32)>,
        then: &'static [(HouseholdStatus, i32)],
        status: HouseholdStatus,
    ) -> Path {
        Path {
            households,
            registered,
            then,
            status,
        }
    }
    [
        path(23_000, None, &[], Candidate),
        path(1_000, None, &[], UnderAppraisal),
        path(13_700, OLD, &[], Registered),
        path(14_200, OLD, &[(Exited, 2016)], Exited),
        path(22_000, OLD, &[(Exited, 2017)], Exited),
        path(11_000, OLD, &[(Exited, 2018)], Exited),
        path(1_500, OLD, &[(Exited, 2016), (Returned, 2017)], Returned),
        path(300, OLD, &[(Exited, 2016), (Returned, 2018)], Returned),
        path(900, since(2016), &[], Registered),
        path(600, since(2016), &[(Exited, 2018)], Exited),
        path(7_600, since(2017), &[], Registered),
        path(2_400, since(2017), &[(Exited, 2018)], Exited),
        path(1_200, since(2018), &[], Registered),
        path(150, OLD, &[(StruckOff, 2017)], StruckOff),
        path(150, OLD, &[(StruckOff, 2018)], StruckOff),
        path(150, OLD, &[(Closed, 2017)], Closed),
        path(150, OLD, &[(Closed, 2018)], Closed),
    ]
};

/// The path that a history is nearest to.
pub(super) fn path_of(history: &[StatusSpan]) -> usize {
    let year = |status| {
        let span = history.iter().find(|span| span.status == status);
        span.map(|span| span.from.year())
    };
    let status = history.last().map(|span| span.status);
    let registered = year(HouseholdStatus::Registered);
    let strangeness = |path: &Path| {
        let within = match (registered, path.registered) {
            (Some(year), Some((first, last))) => (first..=last).contains(&year),
            (None, None) => true,
            _ => false,
        };
        let unlike = |(status, in_year): &&(HouseholdStatus, i32)| year(*status) != Some(*in_year);
        let steps = path.then.iter().filter(unlike).count();
        (Some(path.status) != status, !within, steps)
    };
    (0..PATHS.len())
        .min_by_key(|at| strangeness(&PATHS[*at]))
        .unwrap_or_default()
}

impl Path {
    /// The statuses of a file that goes this way.
    pub(super) fn history(&self, dice: &mut Dice) -> Vec<StatusSpan> {
        use HouseholdStatus::{Candidate, Exited, Registered, Returned, UnderAppraisal};
        let span = |status, from| StatusSpan { status, from };
        let Some((first, last)) = self.registered else {
            let surveyed = dice.day(date!(2017 - 02 - 01), date!(2018 - 09 - 15));
            if self.status == Candidate {
                return vec![span(Candidate, surveyed)];
            }
            let applied = dice.day(date!(2018 - 08 - 08), date!(2018 - 09 - 10));
            let appraised = dice.day(date!(2018 - 11 - 20), date!(2018 - 12 - 20));
            return vec![span(Candidate, applied), span(UnderAppraisal, appraised)];
        };
        // Most of the old files are of the first year.
        let year = if dice.chance(85) { first } else { last };
        let mut history = registration(year, dice);
        for (status, year) in self.then {
            let (first, last) = match status {
                Exited => ((Month::December, 5), (Month::December, 25)),
                Returned => ((Month::March, 1), (Month::November, 20)),
                _ => ((Month::March, 1), (Month::October, 31)),
            };
            history.push(span(*status, in_year(*year, first, last, dice)));
        }
        debug_assert!(history.iter().any(|span| span.status == Registered));
        history
    }
}

/// The way to the registration of a year.
pub(super) fn registration(year: i32, dice: &mut Dice) -> Vec<StatusSpan> {
    use HouseholdStatus::{Candidate, Registered, UnderAppraisal};
    let span = |status, from| StatusSpan { status, from };
    let registered = in_year(year, (Month::April, 1), (Month::November, 20), dice);
    let candidate = registered - Duration::days(dice.between(70, 110));
    let appraised = registered - Duration::days(dice.between(25, 45));
    vec![
        span(Candidate, candidate),
        span(UnderAppraisal, appraised),
        span(Registered, registered),
    ]
}

/// A day of a year between two days, month and day.
pub(super) fn in_year(year: i32, first: (Month, u8), last: (Month, u8), dice: &mut Dice) -> Date {
    let day = |(month, day)| Date::from_calendar_date(year, month, day).unwrap_or(LAST_DAY);
    dice.day(day(first), day(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_families_are_the_prefecture() {
        let on_file = |year: i32| -> u64 {
            let end = Date::from_calendar_date(year, Month::December, 31).expect("a day");
            let counts = |path: &&Path| {
                let history = path.history(&mut Dice::of(1, "history"));
                let status = history.iter().rev().find(|span| span.from <= end);
                status.is_some_and(|span| {
                    let on_file = [HouseholdStatus::Registered, HouseholdStatus::Returned];
                    on_file.contains(&span.status)
                })
            };
            PATHS
                .iter()
                .filter(counts)
                .map(|path| path.households)
                .sum()
        };
        let exited: u64 = PATHS
            .iter()
            .filter(|path| path.then.contains(&(HouseholdStatus::Exited, 2017)))
            .map(|path| path.households)
            .sum();
        assert_eq!(
            PATHS.iter().map(|path| path.households).sum::<u64>(),
            100_000
        );
        assert_eq!((on_file(2017), exited), (38_000, 22_000));
        assert_eq!((on_file(2015), on_file(2016)), (63_300, 48_800));
    }

    #[test]
    fn a_history_goes_its_own_path() {
        for (place, path) in PATHS.iter().enumerate() {
            let history = path.history(&mut Dice::of(place as u64, "history"));
            assert!(history.is_sorted_by(|one, next| one.from < next.from));
            assert_eq!(path_of(&history), place);
        }
    }
}
