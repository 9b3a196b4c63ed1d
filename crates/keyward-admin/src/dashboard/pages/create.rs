use askama::Template;
use http::StatusCode;
use keyward_core::dialect::{Dialect, Environment, Kind, ScopeRule};
use keyward_core::manage::ManageErrorKind;

use super::{Frame, Trouble};
use crate::dashboard::fields::{Faults, Fields, takes_scopes};
use crate::dashboard::form::Form;
use crate::dashboard::respond::{Page, html, see_other};
use crate::dashboard::seal::Nonce;
use crate::dashboard::serve::Visit;
use crate::dashboard::view::Instant;

#[derive(Template)]
#[template(path = "create.html")]
struct CreatePage<'a> {
    frame: Frame<'a>,
    choices: Choices<'a>,
    /// The end that a key has already: none.
    keep: Option<Instant>,
    fields: &'a Fields,
    faults: &'a Faults,
}

/// What there is to choose from.
pub(super) struct Choices<'a> {
    pub(super) kinds: Vec<KindChoice<'a>>,
    pub(super) scopes: Vec<&'a ScopeRule>,
    /// How many characters a name has.
    pub(super) least: usize,
    pub(super) most: usize,
}

pub(super) struct KindChoice<'a> {
    pub(super) name: &'a str,
    pub(super) prefix: &'a str,
    pub(super) is_sandbox: bool,
    /// What comes with it, and whether nothing can be added.
    pub(super) grants: &'a str,
    pub(super) is_fixed: bool,
}

impl<'a> KindChoice<'a> {
    fn of(dialect: &Dialect, kind: &'a Kind) -> Self {
        Self {
            name: kind.name(),
            prefix: kind.prefix(),
            is_sandbox: kind.environment() == Environment::Sandbox,
            grants: kind.grants().as_str(),
            is_fixed: !takes_scopes(dialect, kind.name()),
        }
    }
}

impl<'a> Choices<'a> {
    pub(super) fn of(dialect: &'a Dialect) -> Self {
        let lengths = dialect.name_lengths();
        let kinds = dialect.kinds().iter().filter(|kind| kind.is_issued());
        Self {
            kinds: kinds.map(|kind| KindChoice::of(dialect, kind)).collect(),
            scopes: dialect.scopes().collect(),
            least: *lengths.start(),
            most: *lengths.end(),
        }
    }
}

/// The form for a new key, and what is made of it.
pub(in crate::dashboard) async fn create(
    visit: &Visit<'_>,
    query: &Form,
    sent: Option<(&Form, Nonce)>,
) -> Result<Page, Trouble> {
    let dialect = visit.manager.dialect();
    let own = visit.manager.workspace();
    let Some((form, nonce)) = sent else {
        let workspace = own.map_or_else(|| query.asked("workspace"), str::to_owned);
        let fields = Fields::new(dialect, workspace);
        return Ok(show(visit, StatusCode::OK, &fields, &Faults::default()));
    };
    let mut fields = Fields::of_form(form);
    if let Some(own) = own {
        own.clone_into(&mut fields.workspace);
    }
    let new = match fields.new_key(dialect, visit.manager.now()) {
        Ok(new) => new,
        Err(faults) => return Ok(show(visit, StatusCode::UNPROCESSABLE_ENTITY, &fields, &faults)),
    };
    let (manager, reveals) = (visit.manager.clone(), visit.shared.reveals.clone());
    let identity = visit.visitor.identity.clone();
    let made = visit.shared.once.perform(nonce, async move {
        let issued = manager.create(new).await?;
        tracing::info!(target: "keyward", key = %issued.record.id, "a key was made in the dashboard");
        reveals.keep(&issued.record.id, &identity, issued.key);
        Ok(issued.record.id)
    });
    match made.await.ok_or(Trouble::Mistake)? {
        Ok(id) => Ok(see_other(&visit.at(format_args!("/keys/{id}/secret")))),
        Err(error)
            if matches!(error.kind(), ManageErrorKind::Invalid | ManageErrorKind::Denied) =>
        {
            let faults = Faults::of_manager(&error);
            Ok(show(visit, StatusCode::UNPROCESSABLE_ENTITY, &fields, &faults))
        }
        Err(error) => Err(Trouble::of(&error, None)),
    }
}

fn show(visit: &Visit<'_>, status: StatusCode, fields: &Fields, faults: &Faults) -> Page {
    let choices = Choices::of(visit.manager.dialect());
    html(status, &CreatePage { frame: visit.frame(), choices, keep: None, fields, faults })
}
