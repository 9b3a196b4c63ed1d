use toml::Spanned;

use super::{fault, template};
use crate::dialect::check::is_word;
use crate::dialect::error::Fault;
use crate::dialect::management::Field;
use crate::dialect::management::form::OperationForm;
use crate::dialect::management::operation::{Action, Rule, Slot};
use crate::key::{InvalidScope, Scope};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

pub(super) fn rule(action: Action, form: &OperationForm) -> Result<Rule, Fault> {
    let (method, suffix) = route(action, &form.route)?;
    let names = match action {
        Action::Create => Slot::OF_CREATION,
        Action::Rotate => Slot::OF_ROTATION,
        Action::Delete => Slot::OF_DELETION,
        _ => Slot::OF_RECORD,
    };
    let body = form.body.as_ref().map(|body| template(body, names)).transpose()?;
    let makes_keys = matches!(action, Action::Create | Action::Rotate);
    if makes_keys && !body.as_ref().is_some_and(|body| body.has(Slot::Issued)) {
        let sentence = "the answer must show the new key: write `{{issued}}` into its `body`";
        return fault(&form.route, sentence);
    }
    let status = form.status.as_ref().map_or(200, |status| *status.get_ref());
    if !(200..=299).contains(&status) || body.is_none() != (status == 204) {
        let sentence = "an operation has a `body` and a `status` of 200 to 299, \
                        or no `body` and `status = 204`";
        return Err(Fault::new(
            form.status.as_ref().map_or(form.route.span(), Spanned::span),
            sentence,
        ));
    }
    let fields = fields(action, form)?;
    Ok(Rule { action, method, suffix, scope: scope(form.scope.as_ref())?, status, fields, body })
}

/// The method, and what comes after the key's id.
pub(super) fn route(
    action: Action,
    form: &Spanned<String>,
) -> Result<(Box<str>, Option<Box<str>>), Fault> {
    let text = form.get_ref();
    let (method, path) = text.split_once(' ').map_or((&**text, None), |(m, p)| (m, Some(p)));
    if !METHODS.contains(&method) {
        return fault(form, format!("a `route` must begin with one of {}", METHODS.join(", ")));
    }
    let reads = matches!(action, Action::List | Action::Get);
    if reads != (method == "GET") {
        return fault(form, "what shows keys is a GET, and nothing else is");
    }
    let suffix = path.map(|path| {
        let below = path.strip_prefix("/{id}")?;
        if below.is_empty() { Some("") } else { below.strip_prefix('/').filter(|s| !s.is_empty()) }
    });
    match (matches!(action, Action::List | Action::Create), suffix) {
        (true, None) => Ok((method.into(), None)),
        (false, Some(Some(suffix))) if is_word(suffix) => Ok((method.into(), Some(suffix.into()))),
        (true, _) => {
            fault(form, "`list` and `create` are at `path` itself: write the method alone")
        }
        (false, _) => fault(form, "this is done to one key: write for example `POST /{id}/rotate`"),
    }
}

/// A scope that the catalogue lacks is held by keys with full access alone: an API brings its own
/// catalogue to the standard dialect.
pub(super) fn scope(form: Option<&Spanned<String>>) -> Result<Option<Box<str>>, Fault> {
    let Some(form) = form else { return Ok(None) };
    let scope: Result<Scope, InvalidScope> = form.get_ref().parse();
    match scope {
        Ok(scope) => Ok(Some(scope.as_str().into())),
        Err(error) => fault(form, error.to_string()),
    }
}

fn fields(action: Action, form: &OperationForm) -> Result<Vec<(Box<str>, Field)>, Fault> {
    let Some(form) = &form.fields else {
        let Action::Create = action else { return Ok(Vec::new()) };
        return fault(&form.route, NAMELESS);
    };
    let mut fields: Vec<(Box<str>, Field)> = Vec::new();
    for (name, field) in form.get_ref() {
        let fits = match action {
            Action::Create => field.is_given(),
            Action::Update => field.changes(),
            _ => return fault(form, "only `create` and `update` have `fields`"),
        };
        if !fits {
            return fault(form, format!("`{}` cannot be a field here", field.of_manager()));
        }
        let same = |other: &&(Box<str>, Field)| other.1.of_manager() == field.of_manager();
        if let Some((other, _)) = fields.iter().find(same) {
            return fault(form, format!("`{other}` and `{name}` are the same: keep one"));
        }
        fields.push((name.as_str().into(), *field));
    }
    if action == Action::Create && !fields.iter().any(|(_, field)| *field == Field::Name) {
        return fault(form, NAMELESS);
    }
    fields.sort_by_key(|(_, field)| *field);
    Ok(fields)
}

const NAMELESS: &str = "a new key has a name: write `fields = { name = \"name\" }`";
