use askama::Template;
use http::StatusCode;
use keyward_core::audit::AuditQuery;
use keyward_core::key::KeyId;

use super::{Frame, Trouble};
use crate::dashboard::chart::Chart;
use crate::dashboard::form::Form;
use crate::dashboard::respond::{Page, html, see_other};
use crate::dashboard::serve::Visit;
use crate::dashboard::view::{EntryView, KeyView, Scopes};

/// As many of its trail as a page shows.
const ENTRIES: usize = 20;

#[derive(Template)]
#[template(path = "key.html")]
struct KeyPage<'a> {
    frame: Frame<'a>,
    key: KeyView<'a>,
    chart: Option<Chart>,
    entries: Vec<EntryView<'a>>,
    /// Where the trail goes on.
    earlier: Option<u64>,
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
    let asked = AuditQuery::new().with_key(id.clone()).with_limit(ENTRIES);
    let asked = match query.get("entries").parse() {
        Ok(number) => asked.with_after(number),
        Err(_) => asked,
    };
    let trail = visit.manager.audit(&asked).await.map_err(|error| Trouble::of(&error, Some(id)))?;
    let now = visit.manager.now();
    // A store may keep none.
    let points = visit.manager.usage(id, Chart::span(now)).await;
    let chart = points.ok().map(|points| Chart::new(&points, now));
    let page = KeyPage {
        chart,
        frame: visit.frame(),
        key: KeyView::new(&record, visit.manager.dialect(), now),
        entries: trail.entries.iter().map(|entry| EntryView::new(entry, now)).collect(),
        earlier: trail.next,
        done: match query.get("done") {
            "changed" => Some("The changes are saved, and count from the next request on."),
            "revoked" => Some("The key is revoked. Its next request is refused."),
            "reactivated" => Some("The key is active again."),
            _ => None,
        },
    };
    Ok(html(StatusCode::OK, &page))
}
