use std::num::IntErrorKind;
use std::ops::RangeInclusive;

use keyward_core::dialect::management::FaultKind;
use serde_json::Number;

/// A JSON number that is an integer between these, also one that is written `5.0`.
pub(super) fn of_number(number: &Number, between: &RangeInclusive<u64>) -> Result<u64, FaultKind> {
    let integer = number.as_i128().or_else(|| {
        // Written out, a fraction has a point; and what is too large for this is too large anyhow.
        let text = number.as_f64()?.to_string();
        if text.contains('.') {
            None
        } else {
            Some(text.parse().unwrap_or(if text.starts_with('-') { i128::MIN } else { i128::MAX }))
        }
    });
    within(integer.ok_or(FaultKind::Fraction)?, between)
}

/// A text in which an integer between these stands.
pub(super) fn of_text(text: &str, between: &RangeInclusive<u64>) -> Result<u64, FaultKind> {
    let integer = text.trim().parse::<i128>().map_err(|error| match error.kind() {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => FaultKind::IntSize,
        _ => FaultKind::IntText,
    })?;
    within(integer, between)
}

fn within(integer: i128, between: &RangeInclusive<u64>) -> Result<u64, FaultKind> {
    match u64::try_from(integer) {
        Ok(integer) if between.contains(&integer) => Ok(integer),
        Ok(integer) if integer < *between.start() => Err(FaultKind::AtLeast(*between.start())),
        Err(_) if integer < 0 => Err(FaultKind::AtLeast(*between.start())),
        _ => Err(FaultKind::AtMost(*between.end())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<u64, FaultKind> {
        of_number(&serde_json::from_str(text).unwrap(), &(1..=100))
    }

    #[test]
    fn integers_between_the_bounds_are_read_however_they_are_written() {
        for text in ["5", "5.0", "5e0", "0.5e1"] {
            assert_eq!(number(text), Ok(5), "{text}");
        }
        assert_eq!(of_text(" 5 ", &(1..=100)), Ok(5));
    }

    #[test]
    fn other_numbers_have_their_fault() {
        assert_eq!(number("0"), Err(FaultKind::AtLeast(1)));
        assert_eq!(number("-0.0"), Err(FaultKind::AtLeast(1)));
        assert_eq!(number("-1e300"), Err(FaultKind::AtLeast(1)));
        assert_eq!(number("101"), Err(FaultKind::AtMost(100)));
        assert_eq!(number("1e300"), Err(FaultKind::AtMost(100)));
        assert_eq!(number("18446744073709551615"), Err(FaultKind::AtMost(100)));
        assert_eq!(number("5.5"), Err(FaultKind::Fraction));
        assert_eq!(number("5e-3"), Err(FaultKind::Fraction));
        assert_eq!(of_text("5.0", &(1..=100)), Err(FaultKind::IntText));
        assert_eq!(of_text("", &(1..=100)), Err(FaultKind::IntText));
        assert_eq!(of_text(&"9".repeat(99), &(1..=100)), Err(FaultKind::IntSize));
        assert_eq!(of_text("-9", &(1..=100)), Err(FaultKind::AtLeast(1)));
    }
}
