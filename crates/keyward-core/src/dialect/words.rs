use serde::Deserialize;
use toml::Spanned;

use super::Dialect;
use super::error::Fault;

/// What an API calls things, for people: in a dashboard.
///
/// ```
/// use keyward_core::dialect::Dialect;
///
/// let bigspin = Dialect::bigspin();
/// assert_eq!((bigspin.words().service(), bigspin.words().scopes()), ("Bigspin", "permissions"));
/// assert_eq!(Dialect::standard().words().scopes(), "scopes");
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The dialect's name, where it is left out.
    service: Option<Spanned<String>>,
    scopes: Option<Spanned<String>>,
    resources: Option<Spanned<String>>,
    workspace: Option<Spanned<String>>,
}

impl Words {
    /// Names the service.
    pub fn service(&self) -> &str {
        word(self.service.as_ref(), "")
    }

    /// Scopes, in the plural and in the middle of a sentence.
    pub fn scopes(&self) -> &str {
        word(self.scopes.as_ref(), "scopes")
    }

    /// Resources, in the plural and in the middle of a sentence.
    pub fn resources(&self) -> &str {
        word(self.resources.as_ref(), "resources")
    }

    /// A workspace, in the middle of a sentence.
    pub fn workspace(&self) -> &str {
        word(self.workspace.as_ref(), "workspace")
    }

    /// The words as they count, if each is one.
    pub(super) fn checked(&self, name: &Spanned<String>) -> Result<Self, Fault> {
        for text in [&self.service, &self.scopes, &self.resources, &self.workspace] {
            if let Some(text) = text.as_ref().filter(|text| !is_word(text.get_ref())) {
                let sentence = "a word has 1 to 64 characters, none of them a control character";
                return Err(Fault::new(text.span(), sentence));
            }
        }
        Ok(Self { service: self.service.clone().or_else(|| Some(name.clone())), ..self.clone() })
    }
}

fn word<'a>(said: Option<&'a Spanned<String>>, usual: &'a str) -> &'a str {
    said.map_or(usual, |word| word.get_ref())
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.chars().count())
        && !text.trim().is_empty()
        && !text.contains(char::is_control)
}

impl Dialect {
    /// What the API calls things, for people.
    pub fn words(&self) -> &Words {
        &self.0.words
    }
}
