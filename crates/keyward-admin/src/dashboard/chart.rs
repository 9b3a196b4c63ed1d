//! The use of a key, a bar for each day.

use std::time::Duration;

use keyward_core::clock::Timestamp;
use keyward_core::usage::{Counts, UsePoint};

const DAY: i64 = 24 * 3_600_000;
/// As many days, the last of which is today.
const DAYS: u8 = 30;

/// What the template draws.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    /// Of the highest bar.
    pub(super) most: u64,
    pub(super) passed: u64,
    pub(super) refused: u64,
}

/// A day.
pub(super) struct Bar {
    pub(super) date: String,
    pub(super) passed: u64,
    pub(super) refused: u64,
    pub(super) x: u32,
    /// The heights, of [`HEIGHT`](Chart::HEIGHT).
    pub(super) passed_high: u64,
    pub(super) refused_high: u64,
}

impl Chart {
    pub(super) const HEIGHT: u64 = 96;
    const STEP: u32 = 24;

    /// The instants between which its days lie.
    pub(super) fn span(now: Timestamp) -> std::ops::Range<Timestamp> {
        let today = now.as_millis().div_euclid(DAY) * DAY;
        let begin = Timestamp::from_millis(today - i64::from(DAYS - 1) * DAY);
        begin..begin.plus(Duration::from_hours(24) * u32::from(DAYS))
    }

    pub(super) fn new(points: &[UsePoint], now: Timestamp) -> Self {
        let begin = Self::span(now).start;
        let counts = (0..DAYS).map(|day| {
            let from = begin.as_millis() + i64::from(day) * DAY;
            let mut counts = Counts::default();
            points
                .iter()
                .filter(|point| (from..from + DAY).contains(&point.hour.as_millis()))
                .for_each(|point| counts += point.counts);
            (day, from, counts)
        });
        let counts: Vec<(u8, i64, Counts)> = counts.collect();
        let height = |count: &Counts| count.requests.max(refused(count));
        let most = counts.iter().map(|(.., count)| height(count)).max().unwrap_or_default();
        let high = |count: u64| match count {
            0 => 0,
            // What there is is seen.
            count => (u128::from(count) * u128::from(Self::HEIGHT) / u128::from(most.max(1)))
                .try_into()
                .unwrap_or(Self::HEIGHT)
                .max(1),
        };
        let bars = counts.iter().map(|(day, from, count)| Bar {
            date: Timestamp::from_millis(*from).to_rfc3339().chars().take(10).collect(),
            passed: count.ok(),
            refused: refused(count),
            x: u32::from(*day) * Self::STEP,
            passed_high: high(count.ok()),
            refused_high: high(refused(count)),
        });
        let bars: Vec<Bar> = bars.collect();
        let (mut passed, mut all_refused) = (0, 0);
        for bar in &bars {
            passed += bar.passed;
            all_refused += bar.refused;
        }
        Self { bars, most, passed, refused: all_refused }
    }
}

fn refused(counts: &Counts) -> u64 {
    counts.scope_refused + counts.limited + counts.expired + counts.revoked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(hours_ago: i64, now: Timestamp, requests: u64, limited: u64) -> UsePoint {
        let hour = Timestamp::from_millis(now.as_millis() - hours_ago * 3_600_000).start_of_hour();
        UsePoint { hour, counts: Counts { requests, limited, ..Counts::default() } }
    }

    #[test]
    fn each_day_has_its_bar_and_the_highest_is_as_high_as_the_chart() {
        let now = Timestamp::from_rfc3339("2026-03-01T12:30:00Z").unwrap();
        let points = [
            point(24 * 31, now, 9_999, 0),
            point(24 * 29, now, 1, 0),
            point(25, now, 600, 100),
            point(24, now, 400, 0),
            point(0, now, 10, 10),
        ];
        let chart = Chart::new(&points, now);
        assert_eq!((chart.bars.len(), chart.most), (30, 1_000));
        assert_eq!((chart.passed, chart.refused), (901, 110));
        let first = &chart.bars[0];
        assert_eq!((&*first.date, first.passed, first.passed_high), ("2026-01-31", 1, 1));
        let yesterday = &chart.bars[28];
        assert_eq!(
            (&*yesterday.date, yesterday.passed, yesterday.refused),
            ("2026-02-28", 900, 100)
        );
        assert_eq!(yesterday.passed_high + yesterday.refused_high, 86 + 9);
        assert_eq!((chart.bars[29].passed, chart.bars[29].refused), (0, 10));
        assert_eq!(Chart::new(&[], now).most, 0);
    }
}
