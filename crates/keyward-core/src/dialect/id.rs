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
                let id = Builder::from_random_bytes(bits).into_uuid();
                let _ = to.write_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
            }
            Self::Random(form) => form.write(to),
        }
    }
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
