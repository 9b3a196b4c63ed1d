use keyward_core::dialect::Words;

use crate::dashboard::Shared;
use crate::dashboard::assets::version;
use crate::dashboard::serve::Visit;
use crate::dashboard::view::creator;

/// What is around every page.
pub(in crate::dashboard) struct Frame<'a> {
    /// The dashboard's own path.
    pub(super) base: &'a str,
    pub(super) version: &'static str,
    pub(super) words: &'a Words,
    pub(super) visitor: Option<Seen<'a>>,
}

/// Whoever sees the page.
pub(super) struct Seen<'a> {
    pub(super) who: &'a str,
    /// The one whose keys they manage; `None` for all.
    pub(super) workspace: Option<&'a str>,
    pub(super) can_sign_out: bool,
    /// A token for the forms of the page.
    pub(super) seal: String,
}

impl<'a> Frame<'a> {
    /// Around a page for anybody.
    pub(in crate::dashboard) fn outside(shared: &'a Shared) -> Self {
        let words = shared.manager.dialect().words();
        Self { base: &shared.path, version: version(), words, visitor: None }
    }

    pub(in crate::dashboard) fn inside(visit: &'a Visit<'_>) -> Self {
        let seen = Seen {
            who: creator(&visit.visitor.admin.creator),
            workspace: visit.manager.workspace(),
            can_sign_out: visit.visitor.signed_in,
            seal: visit.seal(),
        };
        Self { visitor: Some(seen), ..Self::outside(visit.shared) }
    }

    /// The token, for the forms of this page.
    pub(super) fn seal(&self) -> &str {
        self.visitor.as_ref().map_or("", |seen| &seen.seal)
    }

    /// The page of a key.
    pub(super) fn key(&self, id: &str) -> String {
        format!("{}/keys/{id}", self.base)
    }

    /// Whether keys of more than one workspace are here.
    pub(super) fn has_workspaces(&self) -> bool {
        self.visitor.as_ref().is_some_and(|seen| seen.workspace.is_none())
    }
}
