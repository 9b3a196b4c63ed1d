use super::kind::Prefix;

/// What of a key may be shown: some of its start, and where some of its end follows, three dots and
/// that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask {
    pub(super) start: Start,
    pub(super) last: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// So many characters of the key.
    First(usize),
    /// The prefix and so many characters after it.
    AfterPrefix(usize),
}

impl Mask {
    /// A key that is so short that fewer characters would stay hidden shows none. Issued keys hide
    /// 128 random bits; this is for keys from elsewhere, and what OnePin hides of its shortest.
    const HIDDEN: usize = 8;

    pub(super) fn apply(self, key: &str, prefixes: &[Prefix]) -> String {
        match self.parts(key, prefixes) {
            None => "...".to_owned(),
            Some((start, "")) => start.to_owned(),
            Some((start, end)) => format!("{start}...{end}"),
        }
    }

    fn parts<'a>(self, key: &'a str, prefixes: &[Prefix]) -> Option<(&'a str, &'a str)> {
        let prefix = prefixes.iter().find(|prefix| key.starts_with(&*prefix.text))?;
        let first = self.first(prefix.text.len());
        let end = key.len().checked_sub(self.last)?;
        if end < first + Self::HIDDEN {
            return None;
        }
        Some((key.get(..first)?, key.get(end..)?))
    }

    fn first(self, prefix: usize) -> usize {
        match self.start {
            Start::First(first) => first,
            Start::AfterPrefix(more) => prefix + more,
        }
    }

    /// How many characters after a prefix of this length are shown.
    pub(super) fn shown(self, prefix: usize) -> usize {
        self.first(prefix).saturating_sub(prefix).saturating_add(self.last)
    }
}
