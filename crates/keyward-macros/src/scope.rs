use proc_macro2::TokenStream;
use syn::{Error, LitStr};

use crate::literal::{check_expression, pack, refuse};

/// `"projects-read"` → its type.
pub(crate) fn expand(text: TokenStream) -> TokenStream {
    match parse(text) {
        Ok(text) => pack(&text, &TokenStream::new()),
        Err(error) => refuse(&error),
    }
}

fn parse(text: TokenStream) -> Result<LitStr, Error> {
    let text: LitStr = syn::parse2(text).map_err(|error| {
        Error::new(error.span(), "`scope!` takes one text, as in `scope!(\"projects-read\")`")
    })?;
    check_expression(&text.value()).map_err(|sentence| Error::new(text.span(), sentence))?;
    Ok(text)
}
