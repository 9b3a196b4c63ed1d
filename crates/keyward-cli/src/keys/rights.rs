use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use keyward::key::{Grant, Resources, Scope, ScopeSet};

/// What a key may do, and what to.
#[derive(Args)]
pub(crate) struct Rights {
    /// Scopes that it has, with commas or spaces between several; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scopes)]
    scopes: Vec<ScopeSet>,

    /// It has every scope there is or will be
    #[arg(long, conflicts_with = "scopes")]
    full_access: bool,

    /// Something of its workspace that alone it may touch, such as a project; may be repeated
    #[arg(long = "resource", value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    resources: Vec<String>,
}

impl Rights {
    /// The scopes, if any were named.
    pub(crate) fn grant(&self) -> Option<Grant> {
        if self.full_access {
            return Some(Grant::All);
        }
        let named = self.scopes.iter().flat_map(ScopeSet::iter);
        // They were scopes before.
        let scopes: ScopeSet = named.filter_map(|name| name.parse::<Scope>().ok()).collect();
        (!scopes.is_empty()).then_some(Grant::Only(scopes))
    }

    /// The resources, if any were named.
    pub(crate) fn resources(&self) -> Option<Resources> {
        (!self.resources.is_empty()).then(|| Resources::Only(self.resources.clone()))
    }
}

/// An empty text is none, whose variable was not set, rather than no scopes.
fn scopes(text: &str) -> Result<ScopeSet, String> {
    let text = text.replace(|c: char| c == ',' || c.is_whitespace(), " ");
    let scopes: ScopeSet = text.parse().map_err(|error| format!("{error}"))?;
    if scopes.is_empty() { Err("name a scope".to_owned()) } else { Ok(scopes) }
}
