//! Keys managed over HTTP: which operations an API has, what they ask for and how they answer.
//!
//! A dialect's `[management]` says it, as data; a service such as keyward-admin does it.
//!
//! ```
//! use keyward_core::dialect::Dialect;
//! use keyward_core::dialect::management::Action;
//!
//! let onepin = Dialect::onepin();
//! let management = onepin.management().unwrap();
//! assert_eq!(management.path(), "/api/v1/api-keys");
//! let rotate = management.operation(Action::Rotate).unwrap();
//! assert_eq!((rotate.method(), rotate.suffix()), ("PATCH", Some("rotate")));
//! assert!(management.operation(Action::Delete).is_none());
//! ```

mod answer;
mod check;
mod fault;
mod field;
mod form;
mod operation;
mod problem;
mod record;

pub use answer::{Answer, Done, Listed, Meta};
pub use fault::{Fault, FaultKind};
pub use field::{Field, Parameter};
pub use form::By;
pub use operation::{Action, Listing, Operation};
pub use problem::Problem;

pub(super) use check::check;
pub(super) use form::ManagementForm;

use std::ops::RangeInclusive;

use super::Dialect;
use super::template::Template;
use form::InstantsForm;
use operation::Rule;
use problem::Problems;
use record::Part;

/// The management API of a dialect.
#[derive(Debug, Clone, Copy)]
pub struct Management<'d> {
    dialect: &'d Dialect,
    rules: &'d Rules,
}

/// A management form that passed the check.
#[derive(Debug)]
pub(super) struct Rules {
    path: Box<str>,
    instants: InstantsForm,
    refuses_unknown_fields: bool,
    record: Template<Part>,
    issued: Option<Template<Part>>,
    operations: Vec<Rule>,
    listing: Option<Listing>,
    problems: Problems,
}

impl Dialect {
    /// How keys are managed over HTTP; `None` where they are not.
    pub fn management(&self) -> Option<Management<'_>> {
        let rules = self.0.management.as_ref()?;
        Some(Management { dialect: self, rules })
    }

    /// How many characters a key's name has. Blanks around it do not count towards the least.
    pub fn name_lengths(&self) -> RangeInclusive<usize> {
        let names = self.0.form.names.get_ref();
        names.min..=names.max
    }
}

impl<'d> Management<'d> {
    /// The path of the collection. The path of a key is this, a slash and its id.
    pub fn path(self) -> &'d str {
        &self.rules.path
    }

    /// Every operation there is.
    pub fn operations(self) -> impl Iterator<Item = Operation<'d>> {
        self.rules.operations.iter().map(move |rule| Operation { management: self, rule })
    }

    /// The operation that does this, where there is one.
    pub fn operation(self, action: Action) -> Option<Operation<'d>> {
        self.operations().find(|operation| operation.action() == action)
    }

    /// How keys are listed, where they are.
    pub fn listing(self) -> Option<&'d Listing> {
        self.rules.listing.as_ref()
    }

    /// Whether a field that an operation does not have is a fault.
    pub fn refuses_unknown_fields(self) -> bool {
        self.rules.refuses_unknown_fields
    }

    /// The dialect that it belongs to.
    pub fn dialect(self) -> &'d Dialect {
        self.dialect
    }
}
