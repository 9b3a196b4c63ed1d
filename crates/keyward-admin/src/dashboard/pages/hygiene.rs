use super::Trouble;
use crate::dashboard::form::Form;
use crate::dashboard::respond::Page;
use crate::dashboard::serve::Visit;

/// Keys that somebody should look at.
pub(in crate::dashboard) async fn hygiene(
    visit: &Visit<'_>,
    query: &Form,
) -> Result<Page, Trouble> {
    let _ = (visit, query);
    Err(Trouble::NoPage)
}
