use std::fmt::Write;

use serde::Deserialize;
use uuid::{Builder, Uuid};

use super::alphabet::Alphabet;
use crate::clock::Timestamp;
use crate::key::KeyId;

/// The form of an id. Ids are no secrets, so a fast generator makes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "write \"uuid\" or { prefix = \"…_\", random = 12 }")]
pub(crate) enum IdForm {
    Word(UuidWord),
    Random(RandomId),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UuidWord {
    Uuid,
}

/// A prefix and so many random characters of `[a-z0-9]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RandomId {
    pub(super) prefix: String,
    pub(super) random: usize,
}

impl IdForm {
    /// The length of a UUID, and the most that an id of another form may have.
    pub(crate) const LONGEST: usize = 36;

    pub(super) fn key_id(&self, now: Timestamp) -> KeyId {
        match self {
            Self::Word(UuidWord::Uuid) => {
                let mut random = [0; 10];
                fastrand::fill(&mut random);
                let millis = u64::try_from(now.as_millis()).unwrap_or(0);
                let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
                KeyId::new(id.to_string())
            }
            Self::Random(form) => {
                let mut text = String::with_capacity(Self::LONGEST);
                form.write(&mut text);
                KeyId::new(text)
            }
        }
    }

    /// Writes a new id of at most 36 characters: a version 4 UUID, or the other form.
    pub(crate) fn write(&self, to: &mut impl Write) {
        match self {
            Self::Word(UuidWord::Uuid) => {
                let bits = fastrand::u128(..).to_le_bytes();
                let text = hyphenated(Builder::from_random_bytes(bits).as_uuid());
                let _ = to.write_str(str::from_utf8(&text).unwrap_or_default());
            }
            Self::Random(form) => form.write(to),
        }
    }
}

/// The text of a UUID, two digits at a time: half the instructions of the `uuid` crate's own, for
/// an id that every request gets.
fn hyphenated(id: &Uuid) -> [u8; 36] {
    const DIGITS: [[u8; 2]; 256] = {
        let hex = b"0123456789abcdef";
        let mut digits = [[0; 2]; 256];
        let mut byte = 0;
        while byte < 256 {
            digits[byte] = [hex[byte >> 4], hex[byte & 15]];
            byte += 1;
        }
        digits
    };
    const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    let mut text = [b'-'; 36];
    for (byte, place) in id.as_bytes().iter().zip(PLACES) {
        [text[place], text[place + 1]] = DIGITS[usize::from(*byte)];
    }
    text
}

impl RandomId {
    fn write(&self, to: &mut impl Write) {
        // The targets are a `String` and a buffer that the check made long enough.
        let _ = to.write_str(&self.prefix);
        for _ in 0..self.random {
            let _ = to.write_char(char::from(Alphabet::BASE36[fastrand::usize(..36)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_written_as_everybody_writes_it() {
        for _ in 0..1_000 {
            let id = Uuid::from_u128(fastrand::u128(..));
            assert_eq!(str::from_utf8(&hyphenated(&id)).unwrap(), id.to_string());
        }
    }
}
