use std::error::Error;

use http::request::Parts;
use http_body::Body;
use keyward_core::audit::Origin;
use keyward_core::dialect::management::{
    Action, Answer, Done, Fault, FaultKind, Field, Management, Operation,
};
use keyward_core::manage::{ManageError, ManageErrorKind, NewKey, Reach, Rotate};
use keyward_core::verify::RequestId;
use keyward_tower::PeerAddr;

use super::Shared;
use super::answer::Trouble;
use super::list::list;
use super::route::Route;
use crate::guard::Admin;
use crate::request::{BodyError, Fields, read};

impl Shared {
    /// Does what a request asks for, if whoever sent it may.
    pub(super) async fn perform<'s, B>(
        &'s self,
        head: &Parts,
        body: B,
        id: &RequestId,
    ) -> Result<Answer<'s>, Trouble>
    where
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let management = self.manager.dialect().management().ok_or(Trouble::Mistake)?;
        let route = match Route::find(management, &head.method, head.uri.path()) {
            Ok(route) => route,
            Err(trouble) => return Err(self.hide(management, head, trouble).await),
        };
        let operation = route.operation;
        let admin = self.guard.admit(head, &operation).await?;
        if matches!(
            operation.action(),
            Action::Update | Action::Revoke | Action::Rotate | Action::Delete
        ) {
            admin.let_finish(head, &route.key()?);
        }
        let address = PeerAddr::client(head, &self.proxies);
        let origin = Origin { address, request_id: Some(id.as_str().to_owned()) };
        let mut manager = self.manager.acting_as(admin.creator.clone()).with_origin(origin);
        if let Some(workspace) = &admin.workspace {
            manager = manager.within(workspace);
        }
        let answer = |done: Done<'_>| operation.answer(done, self.meta(id));
        let failed = |error| trouble(operation, error);
        let record = match operation.action() {
            Action::List => {
                let listing = management.listing().ok_or(Trouble::Mistake)?;
                let page = list(&manager, listing, &head.uri).await?;
                return Ok(answer(Done::Listed(&page)));
            }
            Action::Get => {
                let record = manager.get(&route.key()?).await.map_err(failed)?;
                return Ok(answer(Done::Record(&record)));
            }
            Action::Create => {
                let new = new_key(operation, &admin, self.fields(operation, head, body).await?)?;
                let issued = manager.create(new).await.map_err(failed)?;
                let (new, key) = (&issued.record, Some(&issued.key));
                return Ok(answer(Done::Issued { new, key, old: None }));
            }
            Action::Rotate => {
                let rotation =
                    manager.rotate(&route.key()?, Rotate::now()).await.map_err(failed)?;
                let (new, old) = (&rotation.new, Some(&rotation.old));
                return Ok(answer(Done::Issued { new, key: rotation.key.as_ref(), old }));
            }
            Action::Delete => {
                let key = route.key()?;
                manager.delete(&key).await.map_err(failed)?;
                return Ok(answer(Done::Deleted));
            }
            Action::Update => {
                let key = route.key()?;
                let fields = self.fields(operation, head, body).await?;
                manager.update(&key, fields.update()).await
            }
            Action::Revoke => manager.revoke(&route.key()?, Reach::Key).await,
            Action::Reactivate => manager.reactivate(&route.key()?).await,
            _ => return Err(Trouble::Mistake),
        };
        let record = record.map_err(failed)?;
        Ok(answer(Done::Record(&record)))
    }

    /// What is wrong with a path or a method, for those who may see the keys that there are: others
    /// do not learn which operations there are.
    async fn hide(&self, management: Management<'_>, head: &Parts, trouble: Trouble) -> Trouble {
        let least = management.operation(Action::List).or_else(|| management.operations().next());
        let Some(least) = least else { return trouble };
        self.guard.admit(head, &least).await.map_or_else(Into::into, |_| trouble)
    }

    async fn fields<B>(
        &self,
        operation: Operation<'_>,
        head: &Parts,
        body: B,
    ) -> Result<Fields, Trouble>
    where
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let body = read(&head.headers, body).await.map_err(|error| match error {
            BodyError::TooLarge => Trouble::TooLarge,
            BodyError::Fault(fault) => Trouble::Faults(vec![fault]),
        })?;
        Fields::read(&body, operation, self.manager.now()).map_err(Trouble::Faults)
    }
}

/// The key to be made: in the workspace that the request names, or in the one that is managed.
fn new_key(operation: Operation<'_>, admin: &Admin, mut fields: Fields) -> Result<NewKey, Trouble> {
    if let Some(workspace) = fields.workspace.take().or_else(|| admin.workspace.clone()) {
        return Ok(fields.new_key(workspace));
    }
    let Some((name, _)) = operation.fields().find(|(_, field)| *field == Field::Workspace) else {
        tracing::error!(
            target: "keyward",
            "the guard admits to every workspace, but the dialect has no field that names one: \
             say `Admin::within`"
        );
        return Err(Trouble::Mistake);
    };
    Err(Trouble::Faults(vec![Fault::in_body(FaultKind::Missing).at(name)]))
}

/// What the manager has against an act; where that is a fault, in the field as the API calls it.
fn trouble(operation: Operation<'_>, error: ManageError) -> Trouble {
    if error.kind() != ManageErrorKind::Invalid {
        return error.into();
    }
    let fault = Fault::in_body(FaultKind::Value(error.to_string()));
    let field = |(_, field): &(&str, Field)| Some(field.of_manager()) == error.field();
    Trouble::Faults(vec![match operation.fields().find(field) {
        Some((name, _)) => fault.at(name),
        None => fault,
    }])
}
