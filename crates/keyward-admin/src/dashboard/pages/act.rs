use std::time::Duration;

use askama::Template;
use http::StatusCode;
use keyward_core::key::KeyId;
use keyward_core::manage::{ManageError, Reach, Rotate};

use super::{Frame, Trouble};
use crate::dashboard::form::Form;
use crate::dashboard::respond::{Page, html, see_other};
use crate::dashboard::seal::Nonce;
use crate::dashboard::serve::Visit;
use crate::dashboard::view::KeyView;

/// What is done to a key after somebody was asked whether they mean it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dashboard) enum Act {
    Rotate,
    Revoke,
    Reactivate,
    Delete,
}

impl Act {
    /// By its name in a path.
    pub(in crate::dashboard) fn named(name: &str) -> Option<Self> {
        match name {
            "rotate" => Some(Self::Rotate),
            "revoke" => Some(Self::Revoke),
            "reactivate" => Some(Self::Reactivate),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }
}

#[derive(Template)]
#[template(path = "act.html")]
struct ActPage<'a> {
    frame: Frame<'a>,
    act: Act,
    key: KeyView<'a>,
    /// Whether a revocation can be undone.
    reactivates: bool,
    fault: Option<&'a str>,
}

/// Asks whether it is meant, and does it.
pub(in crate::dashboard) async fn act(
    visit: &Visit<'_>,
    act: Act,
    id: &KeyId,
    sent: Option<(&Form, Nonce)>,
) -> Result<Page, Trouble> {
    let failed = |error: ManageError| Trouble::of(&error, Some(id));
    let Some((form, nonce)) = sent else { return show(visit, act, id, None).await };
    let done = match act {
        Act::Rotate => return rotate(visit, id, form, nonce).await,
        Act::Revoke => {
            let reach = match form.get("reach") {
                "descendants" => Reach::Descendants,
                _ => Reach::Key,
            };
            visit.manager.revoke(id, reach).await.map_err(failed)?;
            format!("/keys/{id}?done=revoked")
        }
        Act::Reactivate => {
            visit.manager.reactivate(id).await.map_err(failed)?;
            format!("/keys/{id}?done=reactivated")
        }
        Act::Delete => {
            let record = visit.manager.get(id).await.map_err(failed)?;
            let key = KeyView::new(&record, visit.manager.dialect(), visit.manager.now());
            if form.get("name").trim() != key.name.trim() {
                let fault = "That is not its name. Nothing was deleted.";
                return show(visit, act, id, Some(fault)).await;
            }
            visit.manager.delete(id).await.map_err(failed)?;
            "?done=deleted".to_owned()
        }
    };
    tracing::info!(target: "keyward", ?act, key = %id, "a key was managed in the dashboard");
    Ok(see_other(&visit.at(done)))
}

/// A rotation makes a key, and so is done once for each form.
async fn rotate(visit: &Visit<'_>, id: &KeyId, form: &Form, nonce: Nonce) -> Result<Page, Trouble> {
    let grace = match form.get("grace") {
        "hour" => Duration::from_hours(1),
        "day" => Duration::from_hours(24),
        "week" => Duration::from_hours(24 * 7),
        "none" => Duration::ZERO,
        _ => return show(visit, Act::Rotate, id, Some("Choose how long the old key works.")).await,
    };
    let (manager, reveals) = (visit.manager.clone(), visit.shared.reveals.clone());
    let (identity, old) = (visit.visitor.identity.clone(), id.clone());
    let made = visit.shared.once.perform(nonce, async move {
        let rotation = manager.rotate(&old, Rotate::now().with_grace(grace)).await?;
        tracing::info!(target: "keyward", key = %old, "a key was rotated in the dashboard");
        if let Some(key) = rotation.key {
            reveals.keep(&rotation.new.id, &identity, key);
        }
        Ok(rotation.new.id)
    });
    let new = made.await.ok_or(Trouble::Mistake)?;
    let new = new.map_err(|error| Trouble::of(&error, Some(id)))?;
    Ok(see_other(&visit.at(format_args!("/keys/{new}/secret"))))
}

async fn show(
    visit: &Visit<'_>,
    act: Act,
    id: &KeyId,
    fault: Option<&str>,
) -> Result<Page, Trouble> {
    let record = visit.manager.get(id).await.map_err(|error| Trouble::of(&error, Some(id)))?;
    let dialect = visit.manager.dialect();
    let page = ActPage {
        frame: visit.frame(),
        act,
        key: KeyView::new(&record, dialect, visit.manager.now()),
        reactivates: dialect.reactivates(),
        fault,
    };
    let status = fault.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    Ok(html(status, &page))
}
