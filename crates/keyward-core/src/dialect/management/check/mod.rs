//! The check of a dialect's management part.

mod list;
mod operation;
mod problems;

use toml::Spanned;

use super::Rules;
use super::form::{ManagementForm, OperationForm, UnknownFieldsForm};
use super::operation::{Action, Rule};
use super::record::Part;
use crate::dialect::error::Fault;
use crate::dialect::template::{Names, Placeholder, Template};

pub(in crate::dialect) fn check(form: &ManagementForm, reactivates: bool) -> Result<Rules, Fault> {
    let path = path(&form.path)?;
    let record = template(&form.record, Part::OF_RECORD)?;
    let issued = form.issued.as_ref().map(|body| template(body, Part::OF_ISSUED)).transpose()?;
    if let Some(body) = form.issued.as_ref().filter(|_| !has_key(issued.as_ref())) {
        return fault(body, "`issued` must show the new key: write `{{key}}` into it");
    }
    let mut operations: Vec<Rule> = Vec::new();
    let mut add = |rule: Rule, route: &Spanned<String>| {
        let same = |other: &Rule| (&other.method, &other.suffix) == (&rule.method, &rule.suffix);
        if operations.iter().any(same) {
            let sentence = "this route stands twice: give every operation its own";
            return fault(route, sentence);
        }
        operations.push(rule);
        Ok(())
    };
    for (action, operation) in operation_forms(form) {
        if matches!(action, Action::Create | Action::Rotate) && issued.is_none() {
            let sentence =
                "what makes keys must show them: write `issued`, a record with `{{key}}`";
            return fault(&operation.route, sentence);
        }
        add(operation::rule(action, operation)?, &operation.route)?;
    }
    if let Some(reactivate) = form.reactivate.as_ref().filter(|_| !reactivates) {
        let sentence = "revocation is final here: leave `reactivate` out, or write \
                        `reactivates = true`";
        return fault(&reactivate.route, sentence);
    }
    let mut listing = None;
    if let Some(list) = &form.list {
        let (rule, checked) = list::listing(list)?;
        add(rule, &list.route)?;
        listing = Some(checked);
    }
    Ok(Rules {
        path,
        instants: form.instants,
        refuses_unknown_fields: form.unknown_fields == UnknownFieldsForm::Refuse,
        record,
        issued,
        operations,
        listing,
        problems: problems::problems(&form.errors)?,
    })
}

fn operation_forms(form: &ManagementForm) -> impl Iterator<Item = (Action, &OperationForm)> {
    let forms = [
        (Action::Create, &form.create),
        (Action::Get, &form.get),
        (Action::Update, &form.update),
        (Action::Revoke, &form.revoke),
        (Action::Reactivate, &form.reactivate),
        (Action::Rotate, &form.rotate),
        (Action::Delete, &form.delete),
    ];
    forms.into_iter().filter_map(|(action, form)| Some((action, form.as_ref()?)))
}

fn has_key(issued: Option<&Template<Part>>) -> bool {
    issued.is_some_and(|issued| issued.has(Part::Key))
}

/// A mistake at a value, for the `?` of a check.
fn fault<T, V>(at: &Spanned<V>, sentence: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::new(at.span(), sentence))
}

fn template<P: Placeholder>(body: &Spanned<String>, names: Names<P>) -> Result<Template<P>, Fault> {
    Template::compile(body.get_ref(), names).map_err(|sentence| Fault::new(body.span(), sentence))
}

fn path(path: &Spanned<String>) -> Result<Box<str>, Fault> {
    let text = path.get_ref();
    let segments = text.strip_prefix('/').map(|rest| rest.split('/'));
    let sound = |segment: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
        !segment.is_empty() && !matches!(segment, "." | "..") && segment.bytes().all(fits)
    };
    if text.len() <= 128 && segments.is_some_and(|mut segments| segments.all(sound)) {
        return Ok(text.as_str().into());
    }
    let sentence = "`path` must be segments of `[A-Za-z0-9._~-]` with a slash before each, \
                    such as `/api/v1/api-keys`";
    fault(path, sentence)
}
