use http::Uri;
use keyward_core::dialect::management::{Listed, Listing};
use keyward_core::manage::{KeyManager, ListKeys};

use super::answer::Trouble;
use crate::request::{Query, Start};

/// The page of keys that a URL asks for.
pub(super) async fn list(
    manager: &KeyManager,
    listing: &Listing,
    uri: &Uri,
) -> Result<Listed, Trouble> {
    let query = Query::of(uri.query());
    let asked = query.asked(listing).map_err(Trouble::Faults)?;
    let limit = asked.limit;
    let mut keys = ListKeys::new()
        .with_status(asked.status)
        .with_limit(usize::try_from(limit).unwrap_or(usize::MAX));
    if let Some(workspace) = asked.workspace {
        keys = keys.with_workspace(workspace);
    }
    keys = match &asked.start {
        Start::Cursor(None) => keys,
        Start::Cursor(Some(cursor)) => keys.with_after(cursor.clone()),
        Start::Offset(offset) => keys.with_offset(*offset),
        Start::Page(page) => keys.with_offset((page - 1).saturating_mul(limit)),
    };
    let page = manager.list(&keys).await?;
    let total = match page.total {
        None if listing.counts() => manager.count(&keys).await?,
        total => total.unwrap_or_default(),
    };
    let mut listed = Listed { limit, total, has_more: page.next.is_some(), ..Listed::default() };
    match asked.start {
        Start::Cursor(_) => listed.next = page.next.map(|cursor| cursor.to_string()),
        Start::Page(page) => listed.page = page,
        Start::Offset(offset) => {
            let at = |offset: u64| {
                let pages =
                    [(listing.limit_parameter(), limit), (listing.by().parameter(), offset)];
                format!("{}?{}", uri.path(), query.with(&pages))
            };
            listed.next = listed.has_more.then(|| at(offset.saturating_add(limit)));
            listed.prev = (offset > 0).then(|| at(offset.saturating_sub(limit)));
        }
    }
    listed.records = page.keys;
    Ok(listed)
}
