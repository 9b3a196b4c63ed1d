use super::Timestamp;

const UNITS: [(u64, &str); 7] = [
    (31_536_000, "year"),
    (2_592_000, "month"),
    (604_800, "week"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
];

impl Timestamp {
    /// How far it is from an instant, for people, in the largest unit that it fills.
    ///
    /// ```
    /// use keyward_core::clock::Timestamp;
    ///
    /// let now = Timestamp::from_millis(1_767_693_600_000);
    /// assert_eq!(Timestamp::from_millis(1_767_434_400_000).seen_from(now), "3 days ago");
    /// assert_eq!(Timestamp::from_millis(1_772_877_600_000).seen_from(now), "in 2 months");
    /// ```
    pub fn seen_from(self, now: Self) -> String {
        relative(self, now)
    }
}

fn relative(instant: Timestamp, now: Timestamp) -> String {
    let millis = instant.as_millis().saturating_sub(now.as_millis());
    let seconds = millis.unsigned_abs() / 1000;
    let Some((length, unit)) = UNITS.into_iter().find(|(length, _)| seconds >= *length) else {
        return "now".to_owned();
    };
    let count = (seconds + length / 2) / length;
    let plural = if count == 1 { "" } else { "s" };
    if millis < 0 {
        format!("{count} {unit}{plural} ago")
    } else {
        format!("in {count} {unit}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_in_the_largest_unit_that_it_fills() {
        let now = Timestamp::from_millis(1_000_000_000_000);
        for (seconds, told) in [
            (0, "now"),
            (-1, "1 second ago"),
            (59, "in 59 seconds"),
            (-60, "1 minute ago"),
            (5_399, "in 1 hour"),
            (5_400, "in 2 hours"),
            (-3 * 86_400, "3 days ago"),
            (14 * 86_400, "in 2 weeks"),
            (90 * 86_400 - 1, "in 3 months"),
            (-800 * 86_400, "2 years ago"),
        ] {
            let instant = Timestamp::from_millis(now.as_millis() + seconds * 1000);
            assert_eq!(relative(instant, now), told);
        }
        assert!(relative(Timestamp::from_millis(i64::MAX), now).starts_with("in 2924"));
        assert!(relative(Timestamp::from_millis(i64::MIN), now).ends_with("years ago"));
    }
}
