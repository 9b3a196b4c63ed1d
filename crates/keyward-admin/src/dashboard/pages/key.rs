use askama::Template;
use http::StatusCode;
use keyward_core::key::KeyId;

use super::{Frame, Trouble};
use crate::dashboard::form::Form;
use crate::dashboard::respond::{Page, html, see_other};
use crate::dashboard::serve::Visit;
use crate::dashboard::view::{KeyView, Scopes};

#[derive(Template)]
#[template(path = "key.html")]
struct KeyPage<'a> {
    frame: Frame<'a>,
    key: KeyView<'a>,
    done: Option<&'static str>,
}

/// All that there is to know about a key.
pub(in crate::dashboard) async fn key(
    visit: &Visit<'_>,
    id: &KeyId,
    query: &Form,
) -> Result<Page, Trouble> {
    // What was chosen in the menu of a row.
    if let Some(act) = ["edit", "rotate", "revoke", "reactivate", "delete"]
        .into_iter()
        .find(|act| query.get("act") == *act)
    {
        return Ok(see_other(&visit.at(format_args!("/keys/{id}/{act}"))));
    }
    let record = visit.manager.get(id).await.map_err(|error| Trouble::of(&error, Some(id)))?;
    let page = KeyPage {
        frame: visit.frame(),
        key: KeyView::new(&record, visit.manager.dialect(), visit.manager.now()),
        done: match query.get("done") {
            "changed" => Some("The changes are saved, and count from the next request on."),
            "revoked" => Some("The key is revoked. Its next request is refused."),
            "reactivated" => Some("The key is active again."),
            _ => None,
        },
    };
    Ok(html(StatusCode::OK, &page))
}
