use super::fault::{Fault, FaultKind};
use super::{Answer, Management, Meta};
use crate::dialect::template::{Names, Piece, Placeholder, Template};

/// Why an operation was not done, where the reason is not who asks.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Problem<'a> {
    /// The request is wrong: at least one fault.
    Invalid(&'a [Fault]),
    /// There is no such key, or nobody may know.
    NotFound,
    /// The key is not in a state for this, in a sentence.
    Conflict(&'a str),
    /// The body is too large.
    TooLarge,
    /// The path has other methods.
    MethodNotAllowed,
    /// A mistake in how the application was put together.
    Internal,
}

/// The answers to problems, checked.
#[derive(Debug)]
pub(super) struct Problems {
    /// One fault, where the answer lists them.
    pub(super) fault: Option<Template<Word>>,
    pub(super) invalid: Reply,
    /// For what is not there, where the API has words of its own for that.
    pub(super) missing: Option<Reply>,
    pub(super) not_found: Reply,
    pub(super) conflict: Reply,
    pub(super) too_large: Reply,
    pub(super) method_not_allowed: Reply,
    pub(super) internal: Reply,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Template<Word>,
}

/// The placeholders of a problem's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Faults,
    Location,
    Field,
    Code,
    Message,
    RequestId,
    Timestamp,
}

impl Word {
    const REQUEST_ID: (&str, Self) = ("request_id", Self::RequestId);
    const TIMESTAMP: (&str, Self) = ("timestamp", Self::Timestamp);
    const FIELD: (&str, Self) = ("field", Self::Field);
    const CODE: (&str, Self) = ("code", Self::Code);
    const MESSAGE: (&str, Self) = ("message", Self::Message);

    pub(super) const OF_ANY: Names<Self> = &[Self::REQUEST_ID, Self::TIMESTAMP];
    pub(super) const OF_MISSING: Names<Self> = &[Self::FIELD, Self::REQUEST_ID, Self::TIMESTAMP];
    pub(super) const OF_CONFLICT: Names<Self> = &[Self::MESSAGE, Self::REQUEST_ID, Self::TIMESTAMP];
    pub(super) const OF_FAULT: Names<Self> =
        &[("location", Self::Location), Self::FIELD, Self::CODE, Self::MESSAGE];
    /// The first fault's, or all of them.
    pub(super) const OF_INVALID: Names<Self> = &[
        ("faults", Self::Faults),
        Self::FIELD,
        Self::CODE,
        Self::MESSAGE,
        Self::REQUEST_ID,
        Self::TIMESTAMP,
    ];
}

impl Placeholder for Word {
    fn sample(self, wide: bool) -> Piece<'static> {
        match self {
            Self::Location => Piece::Json(br#"["-"]"#.into()),
            Self::Faults => Piece::Json(if wide { br#""-","-""#.into() } else { Vec::new() }),
            _ => if wide { "-" } else { "" }.into(),
        }
    }
}

impl<'d> Management<'d> {
    /// The answer to a request that came to nothing.
    pub fn refuse(self, problem: Problem<'_>, meta: Meta<'_>) -> Answer<'d> {
        let problems = &self.rules.problems;
        let (reply, faults, sentence): (_, &[Fault], _) = match problem {
            Problem::Invalid(faults) => (problems.of(faults), faults, ""),
            Problem::NotFound => (&problems.not_found, &[], ""),
            Problem::Conflict(sentence) => (&problems.conflict, &[], sentence),
            Problem::TooLarge => (&problems.too_large, &[], ""),
            Problem::MethodNotAllowed => (&problems.method_not_allowed, &[], ""),
            Problem::Internal => (&problems.internal, &[], ""),
        };
        let body = reply.body.render(|word| match word {
            Word::RequestId => meta.request_id.into(),
            Word::Timestamp => self.rules.instants.show(meta.now).into(),
            Word::Faults => Piece::Json(problems.list(faults)),
            Word::Message if faults.is_empty() => sentence.into(),
            word => faults.first().map_or(Piece::Null, |fault| word.of(fault)),
        });
        Answer { status: reply.status, content_type: self.dialect.content_type(), body }
    }
}

impl Problems {
    fn of(&self, faults: &[Fault]) -> &Reply {
        let is_missing = faults.first().is_some_and(|fault| *fault.kind() == FaultKind::Missing);
        self.missing.as_ref().filter(|_| is_missing).unwrap_or(&self.invalid)
    }

    fn list(&self, faults: &[Fault]) -> Vec<u8> {
        let Some(template) = &self.fault else { return Vec::new() };
        let faults: Vec<Vec<u8>> =
            faults.iter().map(|fault| template.render(|word| word.of(fault))).collect();
        faults.join(&b',')
    }
}

impl Word {
    fn of(self, fault: &Fault) -> Piece<'_> {
        match self {
            Self::Location => Piece::json(&fault.location()),
            Self::Field => fault.field().into(),
            Self::Code => fault.kind().code().into(),
            Self::Message => fault.kind().to_string().into(),
            Self::Faults | Self::RequestId | Self::Timestamp => Piece::Null,
        }
    }
}
