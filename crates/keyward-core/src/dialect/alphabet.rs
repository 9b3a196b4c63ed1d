use serde::Deserialize;

/// The characters after a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Alphabet {
    /// `[0-9a-z]`
    Base36,
    /// `[0-9A-Za-z]`
    Base62,
    /// `[0-9A-Za-z_-]`
    Base64Url,
}

/// One bit for each alphabet that a byte belongs to.
const MEMBERS: [u8; 256] = {
    let mut members = [0; 256];
    let mut index = 0;
    while index < 64 {
        members[Alphabet::BASE64URL[index] as usize] |= Alphabet::Base64Url.bit();
        if index < 62 {
            members[Alphabet::BASE62[index] as usize] |= Alphabet::Base62.bit();
        }
        if index < 36 {
            members[Alphabet::BASE36[index] as usize] |= Alphabet::Base36.bit();
        }
        index += 1;
    }
    members
};

impl Alphabet {
    pub(super) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const BASE64URL: &[u8; 64] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    pub(super) const fn characters(self) -> &'static [u8] {
        match self {
            Self::Base36 => Self::BASE36,
            Self::Base62 => Self::BASE62,
            Self::Base64Url => Self::BASE64URL,
        }
    }

    /// The least number of characters that hold 128 random bits.
    pub(super) const fn shortest_secret(self) -> usize {
        match self {
            Self::Base36 => 25,
            Self::Base62 | Self::Base64Url => 22,
        }
    }

    pub(super) fn holds(self, text: &[u8]) -> bool {
        // Without a branch for each byte; a body is short.
        text.iter().fold(self.bit(), |bits, byte| bits & MEMBERS[usize::from(*byte)]) != 0
    }
}

/// How many characters a checksum takes at the end of a key.
pub(super) const CHECKSUM_LENGTH: usize = 6;

/// Whether a text is followed by its checksum. The digits are read while the CRC is computed, which
/// is faster than to write the CRC's own and compare.
pub(super) fn is_checksum(end: [u8; CHECKSUM_LENGTH], text: &[u8]) -> bool {
    let read = |number, digit: &u8| number * 62 + DIGITS[usize::from(*digit)];
    end.iter().fold(0, read) == u64::from(crc32fast::hash(text))
}

/// The value of each base62 digit. Another byte makes any number larger than a CRC.
const DIGITS: [u64; 256] = {
    let mut digits = [1 << 32; 256];
    let mut value = 0;
    while value < 62 {
        digits[Alphabet::BASE62[value] as usize] = value as u64;
        value += 1;
    }
    digits
};

/// The CRC32 of a text in base62 with leading zeros, as at the end of GitHub's tokens.
pub(super) fn checksum(text: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let mut rest = crc32fast::hash(text);
    let mut digits = [0; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = Alphabet::BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}
