//! The time of an entry's last change: in parts, as servers leave parts out.

use std::fmt;
use std::time::SystemTime;

const DAY: i64 = 86_400;

/// When an entry was last changed, as far as the server says.
///
/// Its text form is that of ISO 8601: `2019-10-26T15:15:30Z`, `2019-10-26T15:15`, `2019-10-26`, and `--10-26T15:15`
/// where the server leaves the year out. Fractions of a second are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Modified {
    /// The year; `ls -l` leaves it out for the last months: see [`resolved`](Self::resolved).
    pub year: Option<u16>,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: Option<u8>,
    /// The minute, 0 to 59.
    pub minute: Option<u8>,
    /// The second, 0 to 60.
    pub second: Option<u8>,
    /// The time is in UTC, as in MLSD and EPLF; otherwise it is in a zone that the server keeps to itself.
    pub utc: bool,
}

impl Modified {
    /// This time with its year. One that was left out is the last in which the day is not in the future of `now`,
    /// as `ls` means it; a day is granted for zones and clocks that differ.
    #[must_use]
    pub fn resolved(mut self, now: SystemTime) -> Modified {
        if self.year.is_some() {
            return self;
        }
        let seconds = match now.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
        };
        let today = seconds.div_euclid(DAY);
        let (this_year, ..) = date_of(today);
        // 29 February is at most eight years away; tomorrow may be in the next year.
        self.year = (0..10)
            .map(|back| this_year + 1 - back)
            .filter(|&year| self.day <= days_in(year, self.month))
            .find(|&year| days_to(year, self.month, self.day) <= today + 1)
            .and_then(|year| u16::try_from(year).ok());
        self
    }

    /// The day alone; `None` for days that no calendar has.
    pub(super) fn day(year: Option<u16>, month: u8, day: u8) -> Option<Modified> {
        // Without its year, 29 February may be right.
        let days = days_in(year.map_or(2000, i64::from), month);
        (1..=days).contains(&day).then_some(Modified {
            year,
            month,
            day,
            hour: None,
            minute: None,
            second: None,
            utc: false,
        })
    }

    /// Adds the time of day.
    pub(super) fn at(mut self, hour: u8, minute: u8, second: Option<u8>) -> Option<Modified> {
        // 60 is a leap second.
        let is_time = hour < 24 && minute < 60 && second.is_none_or(|second| second <= 60);
        self.hour = Some(hour);
        self.minute = Some(minute);
        self.second = second;
        is_time.then_some(self)
    }

    /// This time of a zone that is `minutes` ahead of UTC, in UTC.
    pub(super) fn in_utc(self, minutes: i64) -> Option<Modified> {
        let (hour, minute) = (i64::from(self.hour?), i64::from(self.minute?));
        let day = days_to(i64::from(self.year?), self.month, self.day);
        let second = self.second.unwrap_or(0);
        let total = day * DAY + (hour * 60 + minute - minutes) * 60 + i64::from(second.min(59));
        Modified::from_unix(total)
    }

    /// Seconds since 1970 in UTC; `None` for years without four digits.
    pub(super) fn from_unix(seconds: i64) -> Option<Modified> {
        let (year, month, day) = date_of(seconds.div_euclid(DAY));
        if !(0..=9999).contains(&year) {
            return None;
        }
        let of_day = seconds.rem_euclid(DAY);
        let part = |value: i64| u8::try_from(value).ok();
        let modified = Modified::day(u16::try_from(year).ok(), month, day)?;
        let mut modified = modified.at(
            part(of_day / 3_600)?,
            part(of_day / 60 % 60)?,
            part(of_day % 60),
        )?;
        modified.utc = true;
        Some(modified)
    }
}

impl fmt::Display for Modified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}")?,
            None => f.write_str("-")?,
        }
        write!(f, "-{:02}-{:02}", self.month, self.day)?;
        if let Some(hour) = self.hour {
            write!(f, "T{hour:02}:{:02}", self.minute.unwrap_or(0))?;
            if let Some(second) = self.second {
                write!(f, ":{second:02}")?;
            }
            if self.utc {
                f.write_str("Z")?;
            }
        }
        Ok(())
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month has; 0 for what is no month.
fn days_in(year: i64, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

/// Days from 1970-01-01 to 1 January of a year of the Gregorian calendar.
fn days_to_year(year: i64) -> i64 {
    let before = year - 1;
    before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162
}

/// Days from 1970-01-01 to a date.
fn days_to(year: i64, month: u8, day: u8) -> i64 {
    let months: i64 = (1..month)
        .map(|month| i64::from(days_in(year, month)))
        .sum();
    days_to_year(year) + months + i64::from(day) - 1
}

/// Year, month and day of a number of days since 1970-01-01.
fn date_of(days: i64) -> (i64, u8, u8) {
    // 400 years have 146,097 days; the guess is at most one year off.
    let mut year = 1970 + days.div_euclid(146_097) * 400 + days.rem_euclid(146_097) / 366;
    while days_to_year(year + 1) <= days {
        year += 1;
    }
    let mut left = days - days_to_year(year);
    let mut month = 1;
    while left >= i64::from(days_in(year, month)) {
        left -= i64::from(days_in(year, month));
        month += 1;
    }
    (year, month, u8::try_from(left + 1).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn unix(seconds: i64) -> String {
        Modified::from_unix(seconds).unwrap().to_string()
    }

    #[test]
    fn seconds_become_dates() {
        assert_eq!(unix(0), "1970-01-01T00:00:00Z");
        assert_eq!(unix(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(unix(1_709_251_199), "2024-02-29T23:59:59Z");
        assert_eq!(unix(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(unix(-1), "1969-12-31T23:59:59Z");
        assert_eq!(unix(253_402_300_799), "9999-12-31T23:59:59Z");
        assert_eq!(Modified::from_unix(253_402_300_800), None);
        assert_eq!(Modified::from_unix(i64::MIN), None);
        assert_eq!(Modified::from_unix(i64::MAX), None);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert_eq!(Modified::day(Some(2019), 2, 29), None);
        assert_eq!(Modified::day(None, 2, 30), None);
        assert_eq!(Modified::day(Some(2019), 13, 1), None);
        assert_eq!(Modified::day(Some(2019), 0, 1), None);
        assert_eq!(Modified::day(Some(2019), 1, 0), None);
        let day = Modified::day(None, 2, 29).unwrap();
        assert_eq!(day.to_string(), "--02-29");
        assert_eq!(day.at(24, 0, None), None);
        assert_eq!(day.at(0, 60, None), None);
        assert_eq!(day.at(23, 59, Some(61)), None);
    }

    #[test]
    fn zones_are_taken_off() {
        let time = Modified::day(Some(2020), 1, 1)
            .unwrap()
            .at(0, 30, None)
            .unwrap();
        assert_eq!(time.in_utc(60).unwrap().to_string(), "2019-12-31T23:30:00Z");
        assert_eq!(
            time.in_utc(-90).unwrap().to_string(),
            "2020-01-01T02:00:00Z"
        );
    }

    #[test]
    fn a_missing_year_is_the_last_one_that_is_not_to_come() {
        // 2024-01-01T12:00:00Z
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_110_400);
        let year = |month, day| Modified::day(None, month, day).unwrap().resolved(now).year;
        assert_eq!(year(12, 31), Some(2023));
        assert_eq!(year(1, 1), Some(2024));
        assert_eq!(year(1, 2), Some(2024), "the server's day may be ahead");
        assert_eq!(year(1, 3), Some(2023));
        assert_eq!(year(2, 29), Some(2020));
        let eve = now - Duration::from_secs(86_400);
        let next = Modified::day(None, 1, 1).unwrap().resolved(eve);
        assert_eq!(next.year, Some(2024));
        let given = Modified::day(Some(2030), 5, 5).unwrap();
        assert_eq!(given.resolved(now), given);
    }

    proptest! {
        #[test]
        fn a_date_and_its_days_agree(days in -800_000i64..3_000_000) {
            let (year, month, day) = date_of(days);
            prop_assert!((1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day));
            prop_assert_eq!(days_to(year, month, day), days);
        }

        #[test]
        fn any_clock_resolves_to_a_year_near_it(
            seconds in 0u64..200_000_000_000, month in 1u8..=12, day in 1u8..=29,
        ) {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let resolved = Modified::day(None, month, day).unwrap().resolved(now);
            let year = i64::from(resolved.year.unwrap());
            let today = seconds as i64 / DAY;
            prop_assert!(days_to(year, month, day) <= today + 1);
            let next = if (month, day) == (2, 29) { 8 } else { 1 };
            prop_assert!(days_to(year + next, month, day) > today + 1);
        }
    }
}
