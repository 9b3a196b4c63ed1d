use std::time::Duration;

use http::request::Parts;
use keyward_core::ConfigError;
use keyward_core::dialect::{Location, Recognised};
use keyward_core::key::PlainKey;
use keyward_core::verify::{HeaderValues, RejectionKind, RequestHead, Verifier};
use zeroize::Zeroizing;

use super::Tried;
use super::attempts::Attempts;
use super::password::Password;
use super::session::Proof;

/// How people sign in to a [`Dashboard`](crate::Dashboard): with an operator key, a password, or
/// either.
pub struct SignIn {
    operator: Option<Operator>,
    password: Option<Password>,
    attempts: Attempts,
    pub(super) lifetime: Duration,
}

struct Operator {
    verifier: Verifier,
    scope: String,
}

impl SignIn {
    /// With a key that has this scope. It is verified again at each request: whoever holds a key
    /// that is revoked is signed out.
    pub fn operator(verifier: Verifier, scope: impl Into<String>) -> Self {
        let operator = Operator { verifier, scope: scope.into() };
        Self { operator: Some(operator), ..Self::nobody() }
    }

    /// As this person, with a password. The hash is that of Argon2, in the PHC form
    /// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn password(person: impl Into<String>, hash: &str) -> Result<Self, ConfigError> {
        Self::nobody().or_password(person, hash)
    }

    /// Also as this person, with a password.
    ///
    /// # Errors
    /// As [`password`](Self::password).
    pub fn or_password(
        mut self,
        person: impl Into<String>,
        hash: &str,
    ) -> Result<Self, ConfigError> {
        self.password = Some(Password::new(person.into(), hash)?);
        Ok(self)
    }

    /// How long somebody stays signed in, 8 hours by default.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    fn nobody() -> Self {
        let lifetime = Duration::from_hours(8);
        Self { operator: None, password: None, attempts: Attempts::new(), lifetime }
    }

    pub(super) fn asks_for(&self) -> &'static str {
        match (&self.operator, &self.password) {
            (Some(_), Some(_)) => "Operator key or password",
            (Some(_), None) => "Operator key",
            (None, _) => "Password",
        }
    }

    /// Who that is, and how that is shown again. A good operator key is good however many others
    /// guess: it cannot be guessed.
    pub(super) async fn check(&self, head: &Parts, secret: &str) -> Result<(String, Proof), Tried> {
        let address: Option<std::net::IpAddr> = None;
        let _ = head;
        if let Some(operator) = &self.operator
            && matches!(
                operator.verifier.dialect().recognise(secret.as_bytes()),
                Recognised::Key(_)
            )
        {
            return match operator.verify(secret).await {
                Ok(who) => Ok((who, Proof::Operator(PlainKey::new(secret.to_owned())))),
                Err(RejectionKind::Unavailable) => Err(Tried::Unavailable),
                Err(_) if self.attempts.begin(address) => Err(Tried::Wrong),
                Err(_) => Err(Tried::TooMany),
            };
        }
        if !self.attempts.begin(address) {
            return Err(Tried::TooMany);
        }
        match &self.password {
            Some(password) if password.is(secret).await => {
                self.attempts.take_back(address);
                Ok((password.person.clone(), Proof::Password))
            }
            _ => Err(Tried::Wrong),
        }
    }

    /// Whether it still opens.
    pub(super) async fn still(&self, proof: &Proof) -> Result<(), RejectionKind> {
        match (proof, &self.operator) {
            (Proof::Operator(key), Some(operator)) => {
                operator.verify(key.expose()).await.map(|_| ())
            }
            (Proof::Operator(_), None) => Err(RejectionKind::Missing),
            (Proof::Password, _) => Ok(()),
        }
    }
}

impl Operator {
    /// The name of a good key.
    async fn verify(&self, text: &str) -> Result<String, RejectionKind> {
        let typed = Typed::new(&self.verifier, text);
        let key = self.verifier.verify(&typed).await.map_err(|rejection| rejection.kind())?;
        key.require(&self.scope).map_err(|rejection| rejection.kind())?;
        Ok(if key.name().is_empty() { key.id() } else { key.name() }.to_owned())
    }
}

/// A key that somebody typed, where a request would have it.
struct Typed<'a> {
    header: &'a str,
    value: Zeroizing<Vec<u8>>,
}

impl<'a> Typed<'a> {
    fn new(verifier: &'a Verifier, text: &str) -> Self {
        let mut headers = verifier.dialect().locations().iter().filter_map(|it| match it {
            Location::Header { name, scheme } => Some((&**name, scheme.as_deref())),
            Location::InsecureQuery { .. } => None,
        });
        let (header, scheme) = headers.next().unwrap_or_default();
        let value = match scheme {
            Some(scheme) => [scheme.as_bytes(), b" ", text.as_bytes()].concat(),
            None => text.as_bytes().to_owned(),
        };
        Self { header, value: Zeroizing::new(value) }
    }
}

impl RequestHead for Typed<'_> {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == self.header).then_some(&**self.value))
    }

    fn query(&self) -> Option<&str> {
        None
    }
}
