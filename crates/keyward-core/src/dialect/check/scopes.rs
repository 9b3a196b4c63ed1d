use toml::Spanned;

use super::fault;
use crate::dialect::ScopeRule;
use crate::dialect::error::Fault;
use crate::dialect::form::{OmittedForm, ScopesForm};
use crate::key::{Grant, InvalidScope, Scope, ScopeSet};

const MOST_SCOPES: usize = 1024;

pub(super) fn catalogue(form: &ScopesForm) -> Result<Vec<ScopeRule>, Fault> {
    let entries = form.catalogue.get_ref();
    if entries.len() > MOST_SCOPES {
        let sentence = format!("a catalogue may have at most {MOST_SCOPES} scopes");
        return fault(form.catalogue.span(), sentence);
    }
    let mut rules: Vec<ScopeRule> = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = scope(&entry.name)?;
        if rules.iter().any(|rule| *rule.name == *name.as_str()) {
            let sentence = format!("the scope `{name}` stands twice in the catalogue: keep one");
            return fault(entry.name.span(), sentence);
        }
        rules.push(ScopeRule {
            name: name.as_str().into(),
            description: entry.description.as_str().into(),
            satisfied_by: set(&entry.satisfied_by)?,
        });
    }
    for other in entries.iter().flat_map(|entry| &entry.satisfied_by) {
        listed(other, &rules)?;
    }
    Ok(rules)
}

pub(super) fn default_grant(form: &ScopesForm, catalogue: &[ScopeRule]) -> Result<Grant, Fault> {
    match form.omitted.get_ref() {
        OmittedForm::Word(_) => Ok(Grant::All),
        OmittedForm::List(names) => {
            let at = |name: &String| Spanned::new(form.omitted.span(), name.clone());
            let names: Vec<Spanned<String>> = names.iter().map(at).collect();
            listed_set(&names, catalogue).map(Grant::Only)
        }
    }
}

pub(super) fn set(names: &[Spanned<String>]) -> Result<ScopeSet, Fault> {
    names.iter().map(scope).collect()
}

/// A set of scopes that the catalogue has.
pub(super) fn listed_set(
    names: &[Spanned<String>],
    catalogue: &[ScopeRule],
) -> Result<ScopeSet, Fault> {
    names.iter().try_for_each(|name| listed(name, catalogue))?;
    set(names)
}

fn listed(name: &Spanned<String>, catalogue: &[ScopeRule]) -> Result<(), Fault> {
    let text = name.get_ref();
    if catalogue.is_empty() || catalogue.iter().any(|rule| *rule.name == **text) {
        return Ok(());
    }
    let text = text.escape_debug();
    fault(name.span(), format!("`{text}` is not in the catalogue: add it there, or take it out"))
}

fn scope(name: &Spanned<String>) -> Result<Scope, Fault> {
    let text = name.get_ref();
    text.parse().map_err(|error: InvalidScope| Fault::new(name.span(), error.to_string()))
}
