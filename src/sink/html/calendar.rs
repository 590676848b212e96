//! Instants as people write them, in UTC: a page is passed on to others in other places.

use std::fmt;
use std::time::Duration;

use super::markup::Markup;

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400;

/// An instant, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(pub(super) u64);

impl Instant {
    /// Year, month and day, by the Gregorian calendar.
    fn date(self) -> (u64, u64, u64) {
        // Years are counted from March, so that the leap day is the last of its year; 719,468 days lie between
        // 0000-03-01 and 1970-01-01, and 146,097 days make 400 years.
        let days = self.0 / SECOND / DAY + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        (era * 400 + year_of_era + u64::from(month <= 2), month, day)
    }

    /// Hour, minute and second.
    fn time(self) -> (u64, u64, u64) {
        let second = self.0 / SECOND % DAY;
        (second / 3_600, second / 60 % 60, second % 60)
    }

    /// Adds it as a `time` element that shows milliseconds.
    pub(super) fn write(self, page: &mut Markup) {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.time();
        let nanosecond = self.0 % SECOND;
        let date = format!("{year:04}-{month:02}-{day:02}");
        let time = format!("{hour:02}:{minute:02}:{second:02}");
        page.raw("<time").attribute("datetime", format_args!("{date}T{time}.{nanosecond:09}Z")).raw(">");
        page.text(format_args!("{date} {time}.{:03} UTC", nanosecond / 1_000_000)).raw("</time>");
    }

    /// How long after another instant it is, with its sign.
    pub(super) fn after(self, other: Self) -> Offset {
        Offset { nanoseconds: i128::from(self.0) - i128::from(other.0) }
    }
}

/// A distance between two instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    pub(super) nanoseconds: i128,
}

impl Offset {
    /// Without its sign.
    pub(super) fn magnitude(self) -> impl fmt::Display {
        let magnitude = Duration::from_nanos(u64::try_from(self.nanoseconds.unsigned_abs()).unwrap_or(u64::MAX));
        fmt::from_fn(move |f| write!(f, "{magnitude:.1?}"))
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nanoseconds {
            0 => f.write_str("0"),
            1.. => write!(f, "+{}", self.magnitude()),
            _ => write!(f, "−{}", self.magnitude()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(seconds: u64) -> String {
        let mut page = Markup::new();
        Instant(seconds * SECOND + 7_123_456).write(&mut page);
        page.as_str().to_owned()
    }

    #[test]
    fn instants_are_dates() {
        // The right-hand sides are what `date -u -d @SECONDS` prints.
        let table = [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_800, "2000-03-01 00:00:00"),
            (1_700_000_000, "2023-11-14 22:13:20"),
            (1_709_164_800, "2024-02-29 00:00:00"),
            (4_107_542_400, "2100-03-01 00:00:00"),
        ];
        for (seconds, date) in table {
            assert!(shown(seconds).contains(&format!(">{date}.007 UTC<")), "{}", shown(seconds));
        }
        assert!(shown(0).contains("datetime=\"1970-01-01T00:00:00.007123456Z\""), "{}", shown(0));
    }

    #[test]
    fn offsets_have_signs() {
        let zero = Instant(5_000_000);
        assert_eq!(Instant(6_250_000).after(zero).to_string(), "+1.2ms");
        assert_eq!(Instant(4_999_000).after(zero).to_string(), "−1.0µs");
        assert_eq!(zero.after(zero).to_string(), "0");
    }
}
