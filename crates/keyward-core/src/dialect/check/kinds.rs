use toml::Spanned;

use super::{fault, is_word, scopes};
use crate::dialect::ScopeRule;
use crate::dialect::alphabet::{Alphabet, CHECKSUM_LENGTH};
use crate::dialect::error::Fault;
use crate::dialect::form::{AcceptForm, ChecksumForm, IssueForm, KindForm};
use crate::dialect::kind::{Accept, Kind};
use crate::dialect::mask::Mask;

const MOST_KINDS: usize = 32;
const LONGEST_BODY: usize = 512;

pub(super) fn kinds(
    forms: &Spanned<Vec<KindForm>>,
    mask: Mask,
    catalogue: &[ScopeRule],
) -> Result<Vec<Kind>, Fault> {
    if !(1..=MOST_KINDS).contains(&forms.get_ref().len()) {
        return fault(forms.span(), format!("a dialect must have 1 to {MOST_KINDS} kinds of keys"));
    }
    let mut kinds: Vec<Kind> = Vec::new();
    for form in forms.get_ref() {
        let kind = kind(form, mask, catalogue)?;
        if kinds.iter().any(|other| other.name == kind.name) {
            let sentence = format!("two kinds have the name `{}`: give each its own", kind.name);
            return fault(form.name.span(), sentence);
        }
        kinds.push(kind);
    }
    Ok(kinds)
}

fn kind(form: &KindForm, mask: Mask, catalogue: &[ScopeRule]) -> Result<Kind, Fault> {
    let name = form.name.get_ref();
    if !(1..=64).contains(&name.len()) || !is_word(name) {
        return fault(
            form.name.span(),
            "a kind's name must be 1 to 64 characters of `[A-Za-z0-9_-]`",
        );
    }
    let accept = accept(form)?;
    if let Some(issue) = &form.issue {
        check_issue(issue, &accept, mask.shown(form.prefix.get_ref().len()))?;
    }
    let grants = scopes::set(&form.grants)?;
    for grant in &form.grants {
        if catalogue.iter().any(|rule| *rule.name == **grant.get_ref()) {
            let sentence = "comes with a kind of key: take it out of the catalogue";
            return fault(grant.span(), format!("`{}` {sentence}", grant.get_ref()));
        }
    }
    let cap = form.cap.as_deref().map(|cap| scopes::listed_set(cap, catalogue)).transpose()?;
    Ok(Kind {
        name: name.as_str().into(),
        prefix: form.prefix.get_ref().as_str().into(),
        issue: form.issue.as_ref().map(|issue| *issue.get_ref()),
        accept,
        environment: form.environment,
        grants,
        cap,
    })
}

fn accept(form: &KindForm) -> Result<Accept, Fault> {
    let checksum = *form.checksum.get_ref() == ChecksumForm::Crc32;
    let (AcceptForm { min, max, alphabet }, span) = match (&form.accept, &form.issue) {
        (Some(accept), _) => (*accept.get_ref(), accept.span()),
        (None, Some(issue)) => (exactly(*issue.get_ref(), checksum), issue.span()),
        (None, None) => {
            let sentence =
                format!("say what the kind `{}` can `issue` or `accept`", form.name.get_ref());
            return fault(form.name.span(), sentence);
        }
    };
    if min == 0 || min > max || max > LONGEST_BODY {
        let sentence = format!(
            "a key must have 1 to {LONGEST_BODY} characters after its prefix, from `min` to `max`"
        );
        return fault(span, sentence);
    }
    if checksum && (alphabet == Alphabet::Base36 || min <= CHECKSUM_LENGTH) {
        let sentence = "a crc32 checksum is six base62 characters at the end: accept them";
        return fault(form.checksum.span(), sentence);
    }
    Ok(Accept { min, max, alphabet, checksum })
}

/// The lengths and characters of issued keys alone.
fn exactly(issue: IssueForm, checksum: bool) -> AcceptForm {
    let length = issued_length(issue, checksum);
    AcceptForm { min: length, max: length, alphabet: issue.alphabet }
}

fn issued_length(issue: IssueForm, checksum: bool) -> usize {
    issue.length.saturating_add(if checksum { CHECKSUM_LENGTH } else { 0 })
}

fn check_issue(issue: &Spanned<IssueForm>, accept: &Accept, shown: usize) -> Result<(), Fault> {
    let form = *issue.get_ref();
    let length = issued_length(form, accept.checksum);
    if !(accept.min..=accept.max).contains(&length) {
        let (min, max) = (accept.min, accept.max);
        let sentence = format!(
            "issued keys have {length} characters after the prefix, but {min} to {max} are accepted"
        );
        return fault(issue.span(), sentence);
    }
    if !accept.alphabet.holds(form.alphabet.characters()) {
        return fault(issue.span(), "issued keys have characters that are not accepted");
    }
    let shortest = form.alphabet.shortest_secret();
    if form.length < shortest {
        let sentence =
            format!("issue {shortest} random characters or more: fewer hold less than 128 bits");
        return fault(issue.span(), sentence);
    }
    if form.length - shortest < shown {
        let sentence = "the mask leaves fewer than 128 random bits hidden: issue longer keys";
        return fault(issue.span(), sentence);
    }
    Ok(())
}
