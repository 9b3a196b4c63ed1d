use super::{fault, operation, template};
use crate::dialect::check::is_word;
use crate::dialect::error::Fault;
use crate::dialect::management::By;
use crate::dialect::management::form::ListForm;
use crate::dialect::management::operation::{Action, Listing, Rule, Slot};

/// As many keys as the manager puts on one page.
const MOST: u16 = 1_000;

pub(super) fn listing(form: &ListForm) -> Result<(Rule, Listing), Fault> {
    let (method, suffix) = operation::route(Action::List, &form.route)?;
    let names = match form.by {
        By::Cursor => Slot::BY_CURSOR,
        By::Offset => Slot::BY_OFFSET,
        By::Page => Slot::BY_PAGE,
    };
    let body = template(&form.body, names)?;
    let limit = form.limit.get_ref();
    if !(1..=limit.most).contains(&limit.default) || limit.most > MOST {
        let sentence = format!("a limit has a `default` from 1, and is at `most` {MOST}");
        return fault(&form.limit, sentence);
    }
    let limit_parameter = limit.parameter.as_deref().unwrap_or("limit");
    let mut taken = vec![form.by.parameter()];
    for name in
        std::iter::once(limit_parameter).chain(form.parameters.get_ref().keys().map(|s| &**s))
    {
        if name.is_empty() || !is_word(name) || taken.contains(&name) {
            let sentence =
                format!("the query parameter `{}` needs another name", name.escape_debug());
            return fault(&form.limit, sentence);
        }
        taken.push(name);
    }
    let listing = Listing {
        by: form.by,
        limit_parameter: limit_parameter.into(),
        default_limit: limit.default,
        most: limit.most,
        show: form.show,
        parameters: form
            .parameters
            .get_ref()
            .iter()
            .map(|(name, parameter)| (name.as_str().into(), *parameter))
            .collect(),
        counts: body.has(Slot::Total),
    };
    let scope = operation::scope(form.scope.as_ref())?;
    let (action, body) = (Action::List, Some(body));
    Ok((Rule { action, method, suffix, scope, status: 200, fields: Vec::new(), body }, listing))
}
