use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Error, LitStr, Path};

use crate::literal::{check_expression, check_name, pack, refuse};

/// Rewrites the literals of an item to types.
///
/// It works on tokens, not on a syntax tree: so it reaches types inside the arguments of other
/// macros, leaves everything else exactly as the compiler read it, and does not stumble over an
/// item that an editor hands over half written.
pub(crate) fn expand(catalogue: TokenStream, item: TokenStream) -> TokenStream {
    let place = check_place(&item);
    let (catalogue, mut error) = match parse_catalogue(catalogue) {
        Ok(catalogue) => (catalogue, None),
        Err(error) => (None, Some(error)),
    };
    let mut rewriter = Rewriter { catalogue, found: false };
    // Also where something is wrong: the literals left would be errors of their own.
    let mut output = rewriter.rewrite(item);
    if let Err(misplaced) = place {
        error = Some(misplaced);
    } else if !rewriter.found && error.is_none() {
        // Not silently nothing: whoever reads the attribute takes the item for guarded.
        error = Some(Error::new(
            Span::call_site(),
            "nothing here asks for a scope: write an argument such as \
             `key: RequireScope<\"projects-read\">`, or remove `#[scoped]`",
        ));
    }
    if let Some(error) = error {
        output.extend(error.into_compile_error());
    }
    output
}

fn parse_catalogue(catalogue: TokenStream) -> Result<Option<Path>, Error> {
    if catalogue.is_empty() {
        return Ok(None);
    }
    syn::parse2(catalogue).map(Some).map_err(|error| {
        Error::new(
            error.span(),
            "`#[scoped]` takes the enum that lists all scopes, or nothing: what a route asks for \
             stands in its argument, `key: RequireScope<\"projects-read\">`",
        )
    })
}

fn check_place(item: &TokenStream) -> Result<(), Error> {
    const BEFORE: [&str; 7] = ["pub", "default", "const", "async", "safe", "unsafe", "extern"];
    // Attributes and `(crate)` are groups here, so the first other word says what the item is.
    let keyword = item.clone().into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if !BEFORE.iter().any(|before| word == before) => Some(word),
        _ => None,
    });
    let sentence = match keyword {
        Some(word) if word == "fn" || word == "impl" => return Ok(()),
        Some(word) if word == "mod" => match item.clone().into_iter().last() {
            Some(TokenTree::Group(_)) => return Ok(()),
            _ => "`#[scoped]` cannot see into another file: write it on the functions there",
        },
        _ => "`#[scoped]` goes on a function, an `impl` or an inline module",
    };
    Err(Error::new(Span::call_site(), sentence))
}

struct Rewriter {
    catalogue: Option<Path>,
    found: bool,
}

/// What the tokens so far lead up to.
#[derive(Clone, Copy)]
enum Expected {
    Name,
    /// `RequireScope` or one of its kin was read, perhaps `::`.
    Bracket(Extractor),
    /// `<` was read.
    Literal(Extractor),
}

#[derive(Clone, Copy)]
enum Extractor {
    Scope,
    Resource,
    Limit,
}

impl Rewriter {
    fn rewrite(&mut self, tokens: TokenStream) -> TokenStream {
        let mut expected = Expected::Name;
        let mut output = TokenStream::new();
        for token in tokens {
            if let Expected::Literal(extractor) = expected
                && let Ok(text) = syn::parse2::<LitStr>(token.to_token_stream())
            {
                self.found = true;
                output.extend(self.to_type(extractor, &text));
                expected = Expected::Name;
                continue;
            }
            expected = expected.after(&token);
            output.extend([match token {
                TokenTree::Group(group) => self.rewrite_group(&group).into(),
                token => token,
            }]);
        }
        output
    }

    fn rewrite_group(&mut self, group: &Group) -> Group {
        let mut rewritten = Group::new(group.delimiter(), self.rewrite(group.stream()));
        rewritten.set_span(group.span());
        rewritten
    }

    /// The literal's type, or an error where it would stand.
    fn to_type(&self, extractor: Extractor, text: &LitStr) -> TokenStream {
        let checked = match extractor {
            Extractor::Scope => check_expression(&text.value()),
            Extractor::Resource | Extractor::Limit => check_name(&text.value()),
        };
        match (checked, extractor, &self.catalogue) {
            (Err(sentence), ..) => refuse(&Error::new(text.span(), sentence)),
            (Ok(()), Extractor::Scope, Some(catalogue)) => pack(text, &declared(catalogue, text)),
            (Ok(()), ..) => pack(text, &TokenStream::new()),
        }
    }
}

impl Expected {
    fn after(self, token: &TokenTree) -> Self {
        match (self, token) {
            (_, TokenTree::Ident(name)) => Extractor::named(name).map_or(Self::Name, Self::Bracket),
            (Self::Bracket(_), TokenTree::Punct(mark)) if mark.as_char() == ':' => self,
            (Self::Bracket(extractor), TokenTree::Punct(mark)) if mark.as_char() == '<' => {
                Self::Literal(extractor)
            }
            _ => Self::Name,
        }
    }
}

impl Extractor {
    fn named(name: &Ident) -> Option<Self> {
        if name == "RequireScope" {
            Some(Self::Scope)
        } else if name == "RequireResource" {
            Some(Self::Resource)
        } else if name == "RequireLimit" {
            Some(Self::Limit)
        } else {
            None
        }
    }
}

/// A statement that only compiles where the catalogue lists every scope of the text.
fn declared(catalogue: &Path, text: &LitStr) -> TokenStream {
    let name = catalogue.segments.last().map(|segment| segment.ident.to_string());
    let span = Span::call_site().located_at(text.span());
    let function = quote_spanned!(span=> ::keyward::__private::assert_declared);
    let arguments = quote_spanned!(span=> (#name, #text));
    quote!(#function::<#catalogue> #arguments;)
}
