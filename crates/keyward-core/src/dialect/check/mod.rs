//! The one check that every dialect goes through, from a file or from the builder.

mod kinds;
mod lifetime;
mod limits;
mod prefixes;
mod rejections;
mod scopes;

use std::ops::Range;

use toml::Spanned;

use super::error::Fault;
use super::form::{Form, LocationForm, MaskForm, NameForm};
use super::management;
use super::mask::{Mask, Start};
use super::{Checked, Dialect, IdForm, Location};

pub(super) fn check(form: Form) -> Result<Checked, Fault> {
    name(&form.name)?;
    let realm = quotable("realm", form.realm.as_ref().unwrap_or(&form.name))?;
    quotable("content_type", &form.content_type)?;
    id("request_id", &form.request_id)?;
    id("key_id", &form.key_id)?;
    names(&form.names)?;
    let mask = mask(&form.mask)?;
    let locations = locations(&form.locations)?;
    let workspace_header = workspace_header(form.workspace_header.as_ref(), &locations)?;
    let scopes = scopes::catalogue(&form.scopes)?;
    let default_grant = scopes::default_grant(&form.scopes, &scopes)?;
    let prefixes = prefixes::prefixes(form.kinds.get_ref())?;
    let kinds = kinds::kinds(&form.kinds, mask, &scopes)?;
    lifetime::lifetime(&form.lifetime)?;
    let limits = limits::limits(&form.limits)?;
    let answers = rejections::answers(&form.rejections, &realm, &locations)?;
    let management = form.management.as_ref();
    let management =
        management.map(|part| management::check(part, form.reactivates)).transpose()?;
    let words = form.words.checked(&form.name)?;
    Ok(Checked {
        form,
        realm,
        locations,
        workspace_header,
        kinds,
        prefixes,
        scopes,
        default_grant,
        limits,
        mask,
        answers,
        management,
        words,
    })
}

/// A mistake at a value, for the `?` of a check.
fn fault<T>(at: Range<usize>, sentence: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::new(at, sentence))
}

fn name(name: &Spanned<String>) -> Result<(), Fault> {
    let text = name.get_ref();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(());
    }
    fault(name.span(), "a dialect's name must be 1 to 64 characters of `[A-Za-z0-9._-]`")
}

/// A text that stands in a header, there between quotes.
fn quotable(what: &str, value: &Spanned<String>) -> Result<Box<str>, Fault> {
    let text = value.get_ref();
    let fits = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if (1..=128).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(text.as_str().into());
    }
    let sentence = "must be 1 to 128 printable ASCII characters without quotes and backslashes";
    fault(value.span(), format!("`{what}` {sentence}"))
}

fn id(what: &str, form: &Spanned<IdForm>) -> Result<(), Fault> {
    let IdForm::Random(id) = form.get_ref() else { return Ok(()) };
    let most = IdForm::LONGEST.saturating_sub(id.prefix.len());
    if is_word(&id.prefix) && (12..=most).contains(&id.random) {
        return Ok(());
    }
    let sentence = "must have a prefix of `[A-Za-z0-9_-]` and 12 or more random characters, \
                    together at most 36";
    fault(form.span(), format!("`{what}` {sentence}"))
}

fn names(form: &Spanned<NameForm>) -> Result<(), Fault> {
    let names = form.get_ref();
    if names.min <= names.max {
        return Ok(());
    }
    fault(form.span(), "`names` allows no name: write a `max` that is not below `min`")
}

fn mask(form: &Spanned<MaskForm>) -> Result<Mask, Fault> {
    let mask = form.get_ref();
    let start = match (mask.first, mask.after_prefix) {
        (Some(first), None) => Start::First(first),
        (None, Some(more)) => Start::AfterPrefix(more),
        _ => return fault(form.span(), "`mask` must have one of `first` and `after_prefix`"),
    };
    if mask.first.max(mask.after_prefix).max(Some(mask.last)) > Some(64) {
        return fault(form.span(), "`mask` may show at most 64 characters at either end");
    }
    Ok(Mask { start, last: mask.last })
}

fn locations(forms: &Spanned<Vec<Spanned<LocationForm>>>) -> Result<Vec<Location>, Fault> {
    if !(1..=Dialect::MOST_LOCATIONS).contains(&forms.get_ref().len()) {
        let sentence = format!(
            "`locations` must name 1 to {} places where a key may be",
            Dialect::MOST_LOCATIONS
        );
        return fault(forms.span(), sentence);
    }
    let mut locations = Vec::new();
    for form in forms.get_ref() {
        let location = location(form)?;
        if locations.contains(&location) {
            return fault(form.span(), "this location stands twice: keep one");
        }
        locations.push(location);
    }
    Ok(locations)
}

fn location(form: &Spanned<LocationForm>) -> Result<Location, Fault> {
    let LocationForm { header, scheme, insecure_query } = form.get_ref();
    let texts = [header, scheme, insecure_query];
    if !texts.into_iter().flatten().all(|text| is_token(text)) {
        return fault(form.span(), "a location's names must be tokens of RFC 9110, without spaces");
    }
    match (header, scheme, insecure_query) {
        (Some(name), scheme, None) => Ok(Location::Header {
            name: name.to_ascii_lowercase().into(),
            scheme: scheme.as_deref().map(Into::into),
        }),
        (None, None, Some(name)) => Ok(Location::InsecureQuery { name: name.as_str().into() }),
        _ => fault(
            form.span(),
            "a location must be a `header`, with a `scheme` or without, or an `insecure_query`",
        ),
    }
}

fn workspace_header(
    name: Option<&Spanned<String>>,
    locations: &[Location],
) -> Result<Option<Box<str>>, Fault> {
    let Some(name) = name else { return Ok(None) };
    let text = name.get_ref().to_ascii_lowercase().into_boxed_str();
    if !is_token(&text) {
        let sentence = "`workspace_header` must be a header's name, without spaces";
        return fault(name.span(), sentence);
    }
    let holds_keys =
        |location: &Location| matches!(location, Location::Header { name, .. } if *name == text);
    if locations.iter().any(holds_keys) {
        let sentence = "`workspace_header` is a header in which keys come: name another";
        return fault(name.span(), sentence);
    }
    Ok(Some(text))
}

/// A token of RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(fits)
}

/// What prefixes are made of.
pub(super) fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
