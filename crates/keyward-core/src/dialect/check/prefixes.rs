use toml::Spanned;

use super::{fault, is_word};
use crate::dialect::error::Fault;
use crate::dialect::form::KindForm;
use crate::dialect::kind::{KindId, Prefix};

const LONGEST: usize = 64;
const MOST: usize = 128;

/// Every prefix with its kind, the longest first.
pub(super) fn prefixes(kinds: &[KindForm]) -> Result<Vec<Prefix>, Fault> {
    let mut prefixes: Vec<Prefix> = Vec::new();
    for (index, form) in kinds.iter().enumerate() {
        let Some(kind) = KindId::new(index) else { continue };
        for prefix in of(form) {
            let text = prefix.get_ref();
            if !(1..=LONGEST).contains(&text.len()) || !is_word(text) {
                let sentence =
                    format!("a prefix must be 1 to {LONGEST} characters of `[A-Za-z0-9_-]`");
                return fault(prefix.span(), sentence);
            }
            if prefixes.iter().any(|other| *other.text == **text) {
                let sentence = format!("the prefix `{text}` is taken: give every kind its own");
                return fault(prefix.span(), sentence);
            }
            if prefixes.len() == MOST {
                return fault(prefix.span(), format!("a dialect may have at most {MOST} prefixes"));
            }
            prefixes.push(Prefix { text: text.as_str().into(), kind });
        }
    }
    kinds.iter().try_for_each(|kind| check_unmistakable(kind, kinds))?;
    prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.text.len()));
    Ok(prefixes)
}

fn of(kind: &KindForm) -> impl Iterator<Item = &Spanned<String>> {
    std::iter::once(&kind.prefix).chain(&kind.legacy_prefixes)
}

/// The longest prefix wins, so no random body may look like the rest of a longer one.
fn check_unmistakable(kind: &KindForm, kinds: &[KindForm]) -> Result<(), Fault> {
    let Some(issue) = &kind.issue else { return Ok(()) };
    let prefix = kind.prefix.get_ref();
    for other in kinds.iter().flat_map(of) {
        let rest = other.get_ref().strip_prefix(prefix.as_str()).unwrap_or_default();
        if !rest.is_empty() && issue.get_ref().alphabet.holds(rest.as_bytes()) {
            let sentence = format!(
                "a new key with the prefix `{prefix}` could begin with `{}`: choose another",
                other.get_ref()
            );
            return fault(other.span(), sentence);
        }
    }
    Ok(())
}
