//! A text becomes a type: the checks that `keyward_core` repeats when the type is used, here with
//! the literal's place and what to write instead; and the packing.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Error, LitStr};

const LONGEST: usize = 128;
const WORD: usize = 16;

/// The type of the text; `before` is evaluated by the compiler wherever the type is named.
pub(crate) fn pack(text: &LitStr, before: &TokenStream) -> TokenStream {
    let value = text.value();
    let words = value.as_bytes().chunks(WORD).map(|chunk| {
        let mut word = [0; WORD];
        word[..chunk.len()].copy_from_slice(chunk);
        Literal::u128_unsuffixed(u128::from_le_bytes(word))
    });
    let length = Literal::usize_unsuffixed(value.len());
    let length = if before.is_empty() { quote!(#length) } else { quote!({ #before #length }) };
    let span = Span::call_site().located_at(text.span());
    quote_spanned!(span=> ::keyward::__private::Str<#length #(, #words)*>)
}

/// A type that says what is wrong, and that the compiler takes as any text: one mistake, one error.
pub(crate) fn refuse(error: &Error) -> TokenStream {
    pack(&LitStr::new("", error.span()), &error.to_compile_error())
}

/// Looks whether the text says which scopes are asked for.
pub(crate) fn check_expression(text: &str) -> Result<(), String> {
    check_length(text)?;
    let tokens: Vec<&str> = text.split(' ').filter(|token| !token.is_empty()).collect();
    if tokens.is_empty() {
        return Err("no scope is named: write at least one, as in `\"projects-read\"`".into());
    }
    if tokens.split(|token| *token == "|").any(<[_]>::is_empty) {
        return Err("an alternative is empty: name at least one scope on each side of ` | `".into());
    }
    tokens.into_iter().filter(|token| *token != "|").try_for_each(check_characters)
}

/// Looks whether the text is one name, of a scope, a path parameter or a limit.
pub(crate) fn check_name(text: &str) -> Result<(), String> {
    check_length(text)?;
    if text.is_empty() {
        return Err("the name is empty: write one, as in `\"projects-read\"`".into());
    }
    if text.contains(' ') {
        return Err("a name holds no space: write one name, with `-` or `_` between words".into());
    }
    check_characters(text)
}

fn check_length(text: &str) -> Result<(), String> {
    if text.len() <= LONGEST {
        return Ok(());
    }
    Err(format!("this text has {} bytes: {LONGEST} is the most, so name fewer scopes", text.len()))
}

/// RFC 6749 §3.3, less the `|` that separates alternatives.
fn check_characters(name: &str) -> Result<(), String> {
    if name.contains('|') {
        return Err(
            "a name holds no `|`: write ` | `, with a space on each side, between alternatives"
                .into(),
        );
    }
    match name.chars().find(|c| !matches!(c, '!' | '#'..='[' | ']'..='~')) {
        None => Ok(()),
        Some(c) => Err(format!(
            "{c:?} cannot stand in a name: use printable ASCII without spaces, `\"` and `\\`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of what expressions are made of, some right and some wrong.
    fn random_text() -> String {
        const PARTS: [&str; 9] = ["read", "a:b/c", " ", " ", " | ", "|", "!~", "\"", "\u{e9}"];
        let likely = fastrand::usize(4..=PARTS.len());
        (0..fastrand::usize(0..8)).map(|_| PARTS[fastrand::usize(..likely)]).collect()
    }

    #[test]
    fn an_expression_is_refused_exactly_where_the_core_refuses_it() {
        let mut accepted = 0;
        for _ in 0..20_000 {
            let text = random_text();
            let ours = check_expression(&text).is_ok();
            assert_eq!(ours, keyward::key::check_expression(&text).is_ok(), "{text:?}");
            accepted += usize::from(ours);
        }
        assert!((1_000..19_000).contains(&accepted), "{accepted} of 20,000 texts were right");
    }

    #[test]
    fn a_name_is_refused_exactly_where_it_cannot_be_a_scope() {
        for _ in 0..20_000 {
            let text = random_text();
            let scope = text.parse::<keyward::key::Scope>();
            assert_eq!(check_name(&text).is_ok(), scope.is_ok(), "{text:?}");
        }
    }
}
