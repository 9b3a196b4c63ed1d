use std::ops::RangeInclusive;
use std::sync::Arc;

use super::fault;
use crate::dialect::Location;
use crate::dialect::error::Fault;
use crate::dialect::form::{RejectionForm, RejectionsForm};
use crate::dialect::render::{self, Answer, Answers, challenge};
use crate::dialect::template::Template;
use crate::verify::RejectionKind;

/// A slot of the form, checked.
struct Slot {
    status: Option<u16>,
    template: Arc<Template<render::Detail>>,
}

pub(super) fn answers(
    form: &RejectionsForm,
    realm: &str,
    locations: &[Location],
) -> Result<Answers, Fault> {
    let missing = slot(&form.missing, 400..=499)?;
    let invalid = slot(&form.invalid, 400..=499)?;
    let expired = form.expired.as_ref().map(|form| slot(form, 400..=499)).transpose()?;
    let scope = slot(&form.scope, 400..=499)?;
    let resource = form.resource.as_ref().map(|form| slot(form, 400..=499)).transpose()?;
    let network = form.network.as_ref().map(|form| slot(form, 400..=499)).transpose()?;
    let ambiguous = slot(&form.ambiguous, 400..=499)?;
    let rate_limited = slot(&form.rate_limited, 400..=499)?;
    // A store that is down must never look like a bad key.
    let unavailable = slot(&form.unavailable, 500..=599)?;
    Ok(Answers(RejectionKind::ALL.map(|kind| {
        let slot = match kind {
            RejectionKind::Missing => &missing,
            RejectionKind::Malformed | RejectionKind::Unknown | RejectionKind::Revoked => &invalid,
            RejectionKind::Expired => expired.as_ref().unwrap_or(&invalid),
            RejectionKind::Scope => &scope,
            RejectionKind::Resource => resource.as_ref().unwrap_or(&scope),
            RejectionKind::Network => network.as_ref().or(resource.as_ref()).unwrap_or(&scope),
            RejectionKind::Ambiguous => &ambiguous,
            RejectionKind::RateLimited => &rate_limited,
            RejectionKind::Unavailable => &unavailable,
        };
        let status = slot.status.unwrap_or(kind.status());
        Answer {
            status,
            challenge: challenge(kind, status, realm, locations),
            template: Arc::clone(&slot.template),
        }
    })))
}

fn slot(form: &RejectionForm, statuses: RangeInclusive<u16>) -> Result<Slot, Fault> {
    if let Some(status) = form.status.as_ref().filter(|status| !statuses.contains(status.get_ref()))
    {
        let sentence = format!("this status must be {} to {}", statuses.start(), statuses.end());
        return fault(status.span(), sentence);
    }
    let template = Template::compile(form.body.get_ref(), render::Detail::NAMES)
        .map_err(|sentence| Fault::new(form.body.span(), sentence))?;
    Ok(Slot {
        status: form.status.as_ref().map(|status| *status.get_ref()),
        template: Arc::new(template),
    })
}
