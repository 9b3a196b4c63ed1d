use askama::Template;
use http::StatusCode;
use keyward_core::clock::Timestamp;
use keyward_core::dialect::Dialect;
use keyward_core::manage::{Cursor, Finding, Found, Hygiene, ListKeys, Status};

use super::{Frame, Trouble};
use crate::dashboard::form::Form;
use crate::dashboard::respond::{Page, html};
use crate::dashboard::serve::Visit;
use crate::dashboard::view::KeyView;

/// As many as a person looks through, and as many keys as are looked at for them at once.
const ROWS: usize = 50;
const LOOKED_AT: usize = 5_000;
const AT_ONCE: usize = 500;

#[derive(Template)]
#[template(path = "hygiene.html")]
struct HygienePage<'a> {
    frame: Frame<'a>,
    rows: Vec<Row<'a>>,
    workspace: &'a str,
    looked_at: usize,
    next: Option<Cursor>,
    is_later: bool,
}

struct Row<'a> {
    key: KeyView<'a>,
    findings: Vec<String>,
}

impl<'a> Row<'a> {
    fn new(found: &'a Found, dialect: &Dialect, now: Timestamp) -> Self {
        let told = |finding: &Finding| finding.as_str().replace('_', " ");
        Self {
            key: KeyView::new(&found.record, dialect, now),
            findings: found.findings.iter().map(told).collect(),
        }
    }
}

/// Keys that somebody should look at, of some of the newest on.
pub(in crate::dashboard) async fn hygiene(
    visit: &Visit<'_>,
    query: &Form,
) -> Result<Page, Trouble> {
    let workspace = query.asked("workspace");
    let mut keys =
        ListKeys::new().with_status(Status::Active).with_expired(false).with_limit(AT_ONCE);
    if !workspace.is_empty() {
        keys = keys.with_workspace(&workspace);
    }
    let after: Option<Cursor> = query.get("after").parse().ok();
    let is_later = after.is_some();
    let mut next = after;
    let mut found: Vec<Found> = Vec::new();
    let mut looked_at = 0;
    loop {
        let asked = match &next {
            Some(cursor) => keys.clone().with_after(cursor.clone()),
            None => keys.clone(),
        };
        let page = visit.manager.hygiene(&Hygiene::default(), &asked).await;
        let page = page.map_err(|error| Trouble::of(&error, None))?;
        looked_at += AT_ONCE;
        found.extend(page.found);
        next = page.next;
        if next.is_none() || found.len() >= ROWS || looked_at >= LOOKED_AT {
            break;
        }
    }
    let (dialect, now) = (visit.manager.dialect(), visit.manager.now());
    let page = HygienePage {
        frame: visit.frame(),
        rows: found.iter().map(|found| Row::new(found, dialect, now)).collect(),
        workspace: &workspace,
        looked_at,
        next,
        is_later,
    };
    Ok(html(StatusCode::OK, &page))
}
