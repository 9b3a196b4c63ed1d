use askama::Template;
use http::StatusCode;
use keyward_core::key::{KeyId, KeyRecord};
use keyward_core::manage::ManageErrorKind;

use super::create::Choices;
use super::{Frame, Trouble};
use crate::dashboard::fields::{Faults, Fields, takes_scopes};
use crate::dashboard::form::Form;
use crate::dashboard::respond::{Page, html, see_other};
use crate::dashboard::serve::Visit;
use crate::dashboard::view::{Instant, KeyView};

#[derive(Template)]
#[template(path = "edit.html")]
struct EditPage<'a> {
    frame: Frame<'a>,
    choices: Choices<'a>,
    key: KeyView<'a>,
    takes_scopes: bool,
    keep: Option<Instant>,
    fields: &'a Fields,
    faults: &'a Faults,
}

/// The form for a key as it is, and what is changed by it.
pub(in crate::dashboard) async fn edit(
    visit: &Visit<'_>,
    id: &KeyId,
    form: Option<&Form>,
) -> Result<Page, Trouble> {
    let record = visit.manager.get(id).await.map_err(|error| Trouble::of(&error, Some(id)))?;
    let Some(form) = form else {
        let fields = Fields::of_record(&record);
        return Ok(show(visit, StatusCode::OK, &record, &fields, &Faults::default()));
    };
    let mut fields = Fields::of_form(form);
    let now = visit.manager.now();
    let update = match fields.update(visit.manager.dialect(), &record.kind, now) {
        Ok(update) => update,
        Err(faults) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(show(visit, status, &record, &fields, &faults));
        }
    };
    match visit.manager.update(id, update).await {
        Ok(_) => {
            tracing::info!(target: "keyward", key = %id, "a key was changed in the dashboard");
            Ok(see_other(&visit.at(format_args!("/keys/{id}?done=changed"))))
        }
        Err(error) => {
            let status = match error.kind() {
                ManageErrorKind::Invalid | ManageErrorKind::Denied => {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                ManageErrorKind::Conflict => StatusCode::CONFLICT,
                _ => return Err(Trouble::of(&error, Some(id))),
            };
            // Sent again, it goes over what somebody else has changed: they have been told.
            let record = visit.manager.get(id).await;
            let record = record.map_err(|error| Trouble::of(&error, Some(id)))?;
            fields.version = record.version.to_string();
            Ok(show(visit, status, &record, &fields, &Faults::of_manager(&error)))
        }
    }
}

fn show(
    visit: &Visit<'_>,
    status: StatusCode,
    record: &KeyRecord,
    fields: &Fields,
    faults: &Faults,
) -> Page {
    let (dialect, now) = (visit.manager.dialect(), visit.manager.now());
    let page = EditPage {
        frame: visit.frame(),
        choices: Choices::of(dialect),
        key: KeyView::new(record, dialect, now),
        takes_scopes: takes_scopes(dialect, &record.kind),
        keep: record.expires_at.map(|end| Instant::new(end, now)),
        fields,
        faults,
    };
    html(status, &page)
}
