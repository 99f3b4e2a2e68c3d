//! The only place that asks for the time.
//!
//! A day is a day in China: everything that happens on a date happens on a date of China Standard Time, wherever the
//! server stands. An instant is a number of milliseconds since 1970 in UTC, which both databases keep alike.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset, macros::offset};

/// China Standard Time, without summer time since 1992.
pub const CHINA_STANDARD_TIME: UtcOffset = offset!(+8);

/// Tells the day and the instant. Cheap to clone; the clones of a fixed clock stand at the same instant.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Clock(Source::System)
    }

    /// A clock that stands at noon of a day, for tests and the demonstration.
    pub fn fixed(day: Date) -> Self {
        let noon = PrimitiveDateTime::new(day, Time::MIDNIGHT + Duration::from_secs(12 * 3_600));
        Clock::fixed_ms(milliseconds(noon.assume_offset(CHINA_STANDARD_TIME)))
    }

    /// A clock that stands at an instant.
    pub fn fixed_ms(now_ms: i64) -> Self {
        Clock(Source::Fixed(Arc::new(AtomicI64::new(now_ms))))
    }

    /// Moves a fixed clock on; the machine's clock moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Source::Fixed(now_ms) = &self.0 {
            now_ms.fetch_add(
                i64::try_from(by.as_millis()).unwrap_or(i64::MAX),
                Ordering::Relaxed,
            );
        }
    }

    /// Today in China.
    pub fn today(&self) -> Date {
        day_of(self.now_ms())
    }

    /// Now, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => system_ms(),
            Source::Fixed(now_ms) => now_ms.load(Ordering::Relaxed),
        }
    }
}

/// The day in China of an instant; the last day of the calendar for an instant beyond it.
pub fn day_of(instant_ms: i64) -> Date {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(instant_ms) * 1_000_000)
        .ok()
        .and_then(|instant| instant.checked_to_offset(CHINA_STANDARD_TIME))
        .map_or(Date::MAX, OffsetDateTime::date)
}

/// The first instant of a day in China.
#[must_use]
pub fn start_of_day_ms(day: Date) -> i64 {
    milliseconds(PrimitiveDateTime::new(day, Time::MIDNIGHT).assume_offset(CHINA_STANDARD_TIME))
}

/// The same day some months later, or the last of that month where it has no such day.
#[must_use]
pub fn months_after(day: Date, months: i32) -> Date {
    let count = day.year() * 12 + i32::from(u8::from(day.month())) - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let month = u8::try_from(month)
        .ok()
        .and_then(|month| month.try_into().ok());
    let Some(month) = month else {
        return Date::MAX;
    };
    let last = time::util::days_in_month(month, year);
    Date::from_calendar_date(year, month, day.day().min(last)).unwrap_or(Date::MAX)
}

#[expect(clippy::disallowed_methods, reason = "this is the place")]
fn system_ms() -> i64 {
    milliseconds(OffsetDateTime::now_utc())
}

fn milliseconds(instant: OffsetDateTime) -> i64 {
    i64::try_from(instant.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn the_day_begins_at_midnight_in_china() {
        let clock = Clock::fixed_ms(milliseconds(datetime!(2020-06-30 15:59:59 UTC)));
        assert_eq!(clock.today(), date!(2020 - 06 - 30));
        clock.clone().advance(Duration::from_secs(1));
        assert_eq!(clock.today(), date!(2020 - 07 - 01));
    }

    #[test]
    fn a_fixed_day_is_that_day() {
        assert_eq!(
            Clock::fixed(date!(2020 - 07 - 01)).today(),
            date!(2020 - 07 - 01)
        );
        assert_eq!(day_of(i64::MAX), Date::MAX);
        assert!(Clock::system().now_ms() > Clock::fixed(date!(2020 - 07 - 01)).now_ms());
    }
}
