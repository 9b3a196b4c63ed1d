use askama::Template;
use http::StatusCode;
use keyward_core::dialect::{Dialect, Kind, Recognised};
use keyward_core::manage::{Cursor, ListKeys, Status};

use super::{Frame, Trouble};
use crate::dashboard::form::Form;
use crate::dashboard::respond::{Page, html};
use crate::dashboard::serve::Visit;
use crate::dashboard::view::{KeyView, Scopes};

/// As many as a person looks through.
const ROWS: usize = 50;
/// Scopes of a key that a row shows.
const SHOWN: usize = 2;

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    frame: Frame<'a>,
    filter: &'a Filter,
    kinds: &'a [Kind],
    keys: Vec<KeyView<'a>>,
    /// Where the next page is, and whether this is a later one.
    next: Option<String>,
    is_later: bool,
    done: Option<&'static str>,
}

/// What somebody looks for.
struct Filter {
    workspace: String,
    name: String,
    status: String,
    kind: String,
    sort: String,
    /// The text that was looked for is a whole key, which no page shows.
    is_key: bool,
}

impl Filter {
    fn of(query: &Form, dialect: &Dialect) -> Self {
        let name = query.asked("name");
        let is_key = matches!(dialect.recognise(name.as_bytes()), Recognised::Key(_));
        Self {
            workspace: query.asked("workspace"),
            name: if is_key { String::new() } else { name },
            status: query.asked("status"),
            kind: query.asked("kind"),
            sort: query.asked("sort"),
            is_key,
        }
    }

    fn is_set(&self) -> bool {
        let texts = [&self.workspace, &self.name, &self.status, &self.kind];
        self.is_key || texts.iter().any(|text| !text.is_empty())
    }

    /// The address of the page that follows.
    fn after(&self, base: &str, cursor: &Cursor) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("workspace", &self.workspace),
            ("name", &self.name),
            ("status", &self.status),
            ("kind", &self.kind),
            ("sort", &self.sort),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("after", &cursor.to_string());
        format!("{base}?{}", query.finish())
    }

    fn keys(&self) -> ListKeys {
        let mut keys = ListKeys::new().with_limit(ROWS);
        if !self.workspace.is_empty() {
            keys = keys.with_workspace(&self.workspace);
        }
        if !self.name.is_empty() {
            keys = keys.with_name(&self.name);
        }
        if !self.kind.is_empty() {
            keys = keys.with_kind(&self.kind);
        }
        if self.sort == "oldest" {
            keys = keys.with_oldest_first();
        }
        match &*self.status {
            "active" => keys.with_status(Status::Active).with_expired(false),
            "expired" => keys.with_status(Status::Active).with_expired(true),
            "revoked" => keys.with_status(Status::Revoked),
            _ => keys,
        }
    }
}

/// The keys, and what to look for among them.
pub(in crate::dashboard) async fn list(visit: &Visit<'_>, query: &Form) -> Result<Page, Trouble> {
    let dialect = visit.manager.dialect();
    let filter = Filter::of(query, dialect);
    let mut keys = filter.keys();
    // A page that does not exist any more is the first one.
    let after: Option<Cursor> = query.get("after").parse().ok();
    let is_later = after.is_some();
    if let Some(cursor) = after {
        keys = keys.with_after(cursor);
    }
    let page = visit.manager.list(&keys).await.map_err(|error| Trouble::of(&error, None))?;
    let now = visit.manager.now();
    let shown = |record| KeyView::new(record, dialect, now);
    let page = ListPage {
        frame: visit.frame(),
        filter: &filter,
        kinds: dialect.kinds(),
        keys: page.keys.iter().map(shown).collect::<Vec<KeyView<'_>>>(),
        next: page.next.as_ref().map(|cursor| filter.after(&visit.shared.path, cursor)),
        is_later,
        done: (query.get("done") == "deleted").then_some("The key is deleted."),
    };
    Ok(html(StatusCode::OK, &page))
}
