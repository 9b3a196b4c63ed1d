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

impl Alphabet {
    pub(super) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const BASE64URL: &[u8; 64] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

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
        match self {
            Self::Base36 => all(text, |byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()),
            Self::Base62 => all(text, |byte| byte.is_ascii_alphanumeric()),
            Self::Base64Url => {
                all(text, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
            }
        }
    }
}

/// Looks at every byte, without a branch for each: the compiler takes sixteen at once.
fn all(text: &[u8], is: impl Fn(u8) -> bool) -> bool {
    text.iter().fold(true, |all, byte| all & is(*byte))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alphabet_holds_its_characters_wherever_they_stand_and_no_others() {
        for alphabet in [Alphabet::Base36, Alphabet::Base62, Alphabet::Base64Url] {
            for byte in 0..=u8::MAX {
                for length in 1..=70 {
                    for place in [0, length / 2, length - 1] {
                        let mut text = vec![b'a'; length];
                        text[place] = byte;
                        let known = alphabet.characters().contains(&byte);
                        assert_eq!(alphabet.holds(&text), known, "{alphabet:?} {byte} in {length}");
                    }
                }
            }
        }
    }
}
