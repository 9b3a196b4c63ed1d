use std::num::NonZeroU32;

use toml::Spanned;

use super::{fault, is_word};
use crate::dialect::error::Fault;
use crate::dialect::form::LimitsForm;
use crate::dialect::limits::NamedLimit;

pub(super) fn limits(form: &LimitsForm) -> Result<Vec<NamedLimit>, Fault> {
    form.per_minute.as_ref().map(per_minute).transpose()?;
    let mut limits: Vec<NamedLimit> = Vec::new();
    for (name, limit) in &form.named {
        let text = name.get_ref();
        if !(1..=NamedLimit::LONGEST).contains(&text.len()) || !is_word(text) {
            let longest = NamedLimit::LONGEST;
            let sentence =
                format!("a limit's name must be 1 to {longest} characters of `[A-Za-z0-9_-]`");
            return fault(name.span(), sentence);
        }
        if text == "default" {
            let sentence = "`default` is the limit of every request: write `per_minute`, or name \
                            this one otherwise";
            return fault(name.span(), sentence);
        }
        if limits.len() == NamedLimit::MOST {
            let sentence = format!("a dialect may have at most {} named limits", NamedLimit::MOST);
            return fault(name.span(), sentence);
        }
        limits.push(NamedLimit { name: text.as_str().into(), per_minute: per_minute(limit)? });
    }
    Ok(limits)
}

fn per_minute(limit: &Spanned<u32>) -> Result<NonZeroU32, Fault> {
    let sentence = "a limit admits one request a minute or more: leave out what is not limited";
    NonZeroU32::new(*limit.get_ref()).ok_or_else(|| Fault::new(limit.span(), sentence))
}
