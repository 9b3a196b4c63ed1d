use super::error::ManageError;
use super::manager::KeyManager;
use super::page::{Cursor, ListKeys, Page, Start};
use crate::key::KeyRecord;
use crate::store::ListQuery;

impl KeyManager {
    /// One page of keys, the newest first unless the [list](ListKeys) says otherwise.
    ///
    /// # Errors
    /// [`Denied`](super::ManageErrorKind::Denied) when the key that acts has ended,
    /// [`Unavailable`](super::ManageErrorKind::Unavailable) when the store cannot be reached.
    pub async fn list(&self, keys: &ListKeys) -> Result<Page, ManageError> {
        let Some(mut query) = self.query(keys).await? else {
            let total = matches!(keys.start, Start::Offset(_)).then_some(0);
            return Ok(Page { total, ..Page::default() });
        };
        match &keys.start {
            Start::First => {}
            Start::After(cursor) => query.after = Some((cursor.created_at, cursor.id.clone())),
            Start::Offset(offset) => return self.page_at(query, *offset).await,
        }
        // One more, to see whether another page follows.
        query.limit += 1;
        let mut found = self.store.list(&query).await?;
        let more = found.len() == query.limit;
        found.truncate(keys.limit);
        Ok(Page::of(found, more))
    }

    /// How many keys there are on all pages.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn count(&self, keys: &ListKeys) -> Result<u64, ManageError> {
        match self.query(keys).await? {
            Some(query) => Ok(self.store.count(&query).await?),
            None => Ok(0),
        }
    }

    /// What is asked of the store, for the first page. `None` where whoever acts sees nothing of it.
    async fn query(&self, keys: &ListKeys) -> Result<Option<ListQuery>, ManageError> {
        let now = self.now();
        let mut query = keys.query(now);
        let sees = self.bounds(now).await?.narrow(&mut query.workspace);
        Ok(sees.then_some(query))
    }

    /// What is skipped is skipped from the nearer end, so that the last page costs what the first
    /// does.
    async fn page_at(&self, mut query: ListQuery, offset: u64) -> Result<Page, ManageError> {
        let total = self.store.count(&query).await?;
        let left = total.saturating_sub(offset);
        query.limit = query.limit.min(usize::try_from(left).unwrap_or(usize::MAX));
        let behind = left - query.limit as u64;
        let from_the_end = behind < offset;
        query.oldest_first ^= from_the_end;
        query.skip = if from_the_end { behind } else { offset };
        let mut found = if query.limit == 0 { Vec::new() } else { self.store.list(&query).await? };
        if from_the_end {
            found.reverse();
        }
        Ok(Page { total: Some(total), ..Page::of(found, behind > 0) })
    }
}

impl Page {
    fn of(keys: Vec<KeyRecord>, more: bool) -> Self {
        let next = keys.last().filter(|_| more).map(Cursor::after);
        Self { keys, next, total: None }
    }
}
