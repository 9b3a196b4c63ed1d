//! Operators: whoever calls `keyward serve` for more than the way in. They have keys of a dialect of
//! their own, in a store of their own, and so everything that keys have.

use keyward::dialect::{Dialect, DialectError, KindForm, ScopeForm};

/// Of the dialect, and of its one kind.
pub(crate) const NAME: &str = "operator";

/// May ask whether keys are good.
pub(crate) const VERIFY: &str = "verify";
/// May see keys.
pub(crate) const KEYS_READ: &str = "keys-read";
/// May make, change and end keys.
pub(crate) const KEYS_WRITE: &str = "keys-write";

/// The workspace of operators of every workspace. Any other is the one that its operators work in.
pub(crate) const EVERY_WORKSPACE: &str = "*";

/// The dialect of operators' keys: `standard` with a prefix and scopes of their own.
///
/// # Errors
/// None that a test would not find.
pub(crate) fn dialect() -> Result<Dialect, DialectError> {
    Dialect::builder(NAME)
        .kinds([KindForm::new(NAME, "kwop_")])
        .scopes([
            ScopeForm::new(VERIFY, "Ask whether keys are good"),
            ScopeForm::new(KEYS_READ, "See keys").with_satisfied_by([KEYS_WRITE]),
            ScopeForm::new(KEYS_WRITE, "Make, change and end keys"),
            ScopeForm::new("metrics", "Read the metrics"),
        ])
        .build()
}
