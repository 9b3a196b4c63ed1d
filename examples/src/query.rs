//! Numbers in the query of a URL.

use std::num::IntErrorKind;
use std::ops::RangeInclusive;

/// Why a parameter is not the number that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadNumber {
    /// It is no integer.
    NoInteger,
    /// It is less than the least.
    TooSmall,
    /// It is more than the most.
    TooLarge,
}

/// The number that a parameter names, or the default where it is left out. Of two with one name the
/// last counts.
///
/// # Errors
/// [`BadNumber`], for an API to put into its own words.
pub fn number(
    query: Option<&str>,
    name: &str,
    default: usize,
    range: RangeInclusive<usize>,
) -> Result<usize, BadNumber> {
    let parameters = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let Some((_, text)) = parameters.filter(|(known, _)| known == name).last() else {
        return Ok(default);
    };
    match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        Ok(number) if number > *range.end() => Err(BadNumber::TooLarge),
        Ok(_) => Err(BadNumber::TooSmall),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err(BadNumber::TooLarge),
        // Below zero.
        Err(_) if text.parse::<i64>().is_ok() => Err(BadNumber::TooSmall),
        Err(_) => Err(BadNumber::NoInteger),
    }
}
