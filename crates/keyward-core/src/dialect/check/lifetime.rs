use super::fault;
use crate::dialect::error::Fault;
use crate::dialect::form::LifetimeForm;

pub(super) fn lifetime(form: &LifetimeForm) -> Result<(), Fault> {
    for (name, days) in [("max_days", &form.max_days), ("idle_days", &form.idle_days)] {
        if let Some(days) = days.as_ref().filter(|days| *days.get_ref() == 0) {
            let sentence = format!(
                "`{name}` must be one day or more: leave it out where keys need no such end"
            );
            return fault(days.span(), sentence);
        }
    }
    Ok(())
}
