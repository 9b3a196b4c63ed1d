use super::check::check;
use super::form::{AllWord, Form, KindForm, LocationForm, OmittedForm, ScopeForm, built};
use super::{Dialect, DialectError, InFlight, Location};
use crate::key::Grant;
use crate::limit::LimitStyle;

/// Makes a dialect from another one and what is different; see [`Dialect::builder`].
#[derive(Debug, Clone)]
pub struct DialectBuilder(Form);

impl DialectBuilder {
    pub(super) fn new(name: String) -> Self {
        let standard = Dialect::standard().0.form.clone();
        Self(Form { name: built(name), ..standard })
    }

    /// Starts from this dialect instead of the standard one; only the name stays.
    #[must_use]
    pub fn like(self, dialect: &Dialect) -> Self {
        Self(Form { name: self.0.name, ..dialect.0.form.clone() })
    }

    /// The `realm` of challenges; without it, the name.
    #[must_use]
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.0.realm = Some(built(realm.into()));
        self
    }

    /// What becomes of a request whose key is revoked before it is answered.
    #[must_use]
    pub fn in_flight(mut self, policy: InFlight) -> Self {
        self.0.in_flight = policy;
        self
    }

    /// Where a key may be, in the order to look.
    #[must_use]
    pub fn locations(mut self, locations: impl IntoIterator<Item = Location>) -> Self {
        let locations = locations.into_iter().map(|location| built(form_of(location)));
        self.0.locations = built(locations.collect());
        self
    }

    /// The kinds of keys: pairs of a name and a prefix, or [`KindForm`]s.
    #[must_use]
    pub fn kinds(mut self, kinds: impl IntoIterator<Item: Into<KindForm>>) -> Self {
        self.0.kinds = built(kinds.into_iter().map(Into::into).collect());
        self
    }

    /// The catalogue: pairs of a name and a description, or [`ScopeForm`]s. Without one, any scope
    /// may be assigned.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item: Into<ScopeForm>>) -> Self {
        self.0.scopes.catalogue = built(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// What a key may do when its creator says nothing about scopes.
    #[must_use]
    pub fn default_grant(mut self, grant: &Grant) -> Self {
        self.0.scopes.omitted = built(match grant {
            Grant::All => OmittedForm::Word(AllWord::All),
            Grant::Only(scopes) => OmittedForm::List(scopes.iter().map(str::to_owned).collect()),
        });
        self
    }

    /// How many days a key may live at most. One made without an end then has this one; an end that
    /// is later is refused.
    #[must_use]
    pub fn max_lifetime_days(mut self, days: u32) -> Self {
        self.0.lifetime.max_days = Some(built(days));
        self
    }

    /// After how many days without use a key is refused as expired. That is judged by the last use
    /// that the store knows, so it has to be recorded wherever keys are verified.
    #[must_use]
    pub fn idle_days(mut self, days: u32) -> Self {
        self.0.lifetime.idle_days = Some(built(days));
        self
    }

    /// Requests a minute of each key that has no limit of its own.
    #[must_use]
    pub fn rate_limit_per_min(mut self, requests: u32) -> Self {
        self.0.limits.per_minute = Some(built(requests));
        self
    }

    /// The limits that routes ask for: pairs of a name and requests a minute of each key.
    #[must_use]
    pub fn named_limits<'a>(mut self, limits: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let limits = limits.into_iter();
        self.0.limits.named =
            limits.map(|(name, requests)| (built(name.to_owned()), built(requests))).collect();
        self
    }

    /// How responses say what is left of a key's limit.
    #[must_use]
    pub fn limit_style(mut self, style: LimitStyle) -> Self {
        self.0.limits.headers = style;
        self
    }

    /// Checks all of it.
    ///
    /// # Errors
    /// [`DialectError`] says what is wrong; it names no line.
    ///
    /// ```
    /// use keyward_core::dialect::Dialect;
    ///
    /// assert!(Dialect::builder("acme").kinds([("live", "acme_")]).build().is_ok());
    /// let twice = [("live", "acme_"), ("test", "acme_")];
    /// let error = Dialect::builder("acme").kinds(twice).build().unwrap_err();
    /// assert_eq!(error.to_string(), "the prefix `acme_` is taken: give every kind its own");
    /// ```
    pub fn build(self) -> Result<Dialect, DialectError> {
        check(self.0).map_err(super::error::Fault::in_builder).map(Dialect::from)
    }
}

fn form_of(location: Location) -> LocationForm {
    match location {
        Location::Header { name, scheme } => LocationForm {
            header: Some(name.into()),
            scheme: scheme.map(Into::into),
            ..LocationForm::default()
        },
        Location::InsecureQuery { name } => {
            LocationForm { insecure_query: Some(name.into()), ..LocationForm::default() }
        }
    }
}
