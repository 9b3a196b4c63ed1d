//! What is tried over HTTP.

mod bodies;
mod keys;
mod projects;
mod scopes;

/// What becomes of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// C1.
    Unauthenticated,
    /// C2.
    Lacks,
    /// C3.
    OutOfReach,
    /// C4.
    Ambiguous,
    /// A field, or all of the body, is wrong.
    Invalid(&'static str),
    NoKey,
    NoEndpoint,
    NoMethod,
    OwnKey,
    /// It is done, and gives nobody more: a new key has no more than its maker.
    Harmless,
}

pub(crate) struct Attempt {
    pub(crate) sentence: &'static str,
    /// Whose key, by its label.
    pub(crate) by: &'static str,
    /// Method and path.
    pub(crate) target: String,
    /// Header lines.
    pub(crate) headers: Vec<&'static str>,
    pub(crate) body: Vec<u8>,
    pub(crate) end: End,
}

const JSON: &str = "content-type: application/json";

pub(crate) fn all() -> Vec<Attempt> {
    let all = [scopes::all(), projects::all(), bodies::fields(), bodies::forms(), keys::all()];
    all.into_iter().flatten().collect()
}

/// One asks for a new key.
fn create(sentence: &'static str, by: &'static str, body: impl Into<Vec<u8>>, end: End) -> Attempt {
    let target = "POST /api/v1/api-keys".to_owned();
    Attempt { sentence, by, target, headers: vec![JSON], body: body.into(), end }
}

/// One sends something else, with headers of its own and a body that could do something.
fn send(
    sentence: &'static str,
    by: &'static str,
    target: impl Into<String>,
    headers: &[&'static str],
    end: End,
) -> Attempt {
    let headers = [&[JSON], headers].concat();
    let body = br#"{"name":"x","filename":"x"}"#.to_vec();
    Attempt { sentence, by, target: target.into(), headers, body, end }
}
