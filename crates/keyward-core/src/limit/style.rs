use arrayvec::ArrayString;
use serde::Deserialize;

use super::Standing;

/// How responses say what is left of a key's limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum LimitStyle {
    /// `RateLimit-Policy: "default";q=100;w=60` and `RateLimit: "default";r=99;t=60`, the draft of
    /// the IETF's `httpapi` group. `t` is seconds from now.
    #[default]
    #[serde(rename = "ietf")]
    Ietf,
    /// `X-RateLimit-Limit`, `-Remaining` and `-Reset`, which is seconds since 1970.
    #[serde(rename = "x-ratelimit")]
    XRateLimit,
}

/// A header of either [`LimitStyle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitField {
    /// `RateLimit-Policy`.
    Policy,
    /// `RateLimit`.
    State,
    /// `X-RateLimit-Limit`.
    Limit,
    /// `X-RateLimit-Remaining`.
    Remaining,
    /// `X-RateLimit-Reset`.
    Reset,
}

impl LimitField {
    /// The header's name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "ratelimit-policy",
            Self::State => "ratelimit",
            Self::Limit => "x-ratelimit-limit",
            Self::Remaining => "x-ratelimit-remaining",
            Self::Reset => "x-ratelimit-reset",
        }
    }
}

impl LimitStyle {
    /// Shows each header, without an allocation. The name is the limit's, 64 bytes at most.
    pub(crate) fn show(
        self,
        standing: &Standing,
        name: &str,
        mut show: impl FnMut(LimitField, &str),
    ) {
        match self {
            Self::Ietf => {
                let limit = standing.limit().get();
                show(LimitField::Policy, parameters(name, ";q=", limit, ";w=", 60).as_str());
                let (remaining, seconds) = (standing.remaining(), standing.resets_in());
                show(
                    LimitField::State,
                    parameters(name, ";r=", remaining, ";t=", seconds).as_str(),
                );
            }
            Self::XRateLimit => {
                let mut digits = itoa::Buffer::new();
                show(LimitField::Limit, digits.format(standing.limit().get()));
                show(LimitField::Remaining, digits.format(standing.remaining()));
                show(LimitField::Reset, digits.format(standing.resets_at()));
            }
        }
    }
}

/// A name, and two parameters of ten digits at most.
type Item = ArrayString<96>;

/// An item of a structured field (RFC 9651): `"name";q=100;w=60`.
fn parameters(name: &str, first: &str, one: u32, second: &str, two: u32) -> Item {
    let mut item = Item::new();
    let (mut digits, mut more) = (itoa::Buffer::new(), itoa::Buffer::new());
    for part in ["\"", name, "\"", first, digits.format(one), second, more.format(two)] {
        // It fits.
        let _ = item.try_push_str(part);
    }
    item
}
