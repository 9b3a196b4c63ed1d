use std::ops::RangeInclusive;

use super::{fault, template};
use crate::dialect::error::Fault;
use crate::dialect::management::form::{ErrorForm, ErrorsForm};
use crate::dialect::management::problem::{Problems, Reply, Word};
use crate::dialect::template::Names;

pub(super) fn problems(form: &ErrorsForm) -> Result<Problems, Fault> {
    let one = form.fault.as_ref().map(|body| template(body, Word::OF_FAULT)).transpose()?;
    let invalid = reply(&form.invalid, 422, Word::OF_INVALID)?;
    if invalid.body.has(Word::Faults) != one.is_some() {
        let sentence = "`fault` is what `{{faults}}` lists: write both or neither";
        return fault(&form.invalid.body, sentence);
    }
    let missing = form.missing.as_ref();
    let missing = missing.map(|form| reply(form, invalid.status, Word::OF_MISSING)).transpose()?;
    Ok(Problems {
        fault: one,
        invalid,
        missing,
        not_found: reply(&form.not_found, 404, Word::OF_ANY)?,
        conflict: reply(&form.conflict, 409, Word::OF_CONFLICT)?,
        too_large: reply(&form.too_large, 413, Word::OF_ANY)?,
        method_not_allowed: reply(&form.method_not_allowed, 405, Word::OF_ANY)?,
        internal: reply(&form.internal, 500, Word::OF_ANY)?,
    })
}

fn reply(form: &ErrorForm, usual: u16, names: Names<Word>) -> Result<Reply, Fault> {
    // What the client did wrong, or what the application did.
    let statuses: RangeInclusive<u16> = if usual < 500 { 400..=499 } else { 500..=599 };
    if let Some(status) = form.status.as_ref().filter(|s| !statuses.contains(s.get_ref())) {
        let sentence = format!("this status must be {} to {}", statuses.start(), statuses.end());
        return fault(status, sentence);
    }
    let status = form.status.as_ref().map_or(usual, |status| *status.get_ref());
    Ok(Reply { status, body: template(&form.body, names)? })
}
