use std::net::IpAddr;
use std::time::Duration;

use keyward_core::ConfigError;
use keyward_core::dialect::{Location, Recognised};
use keyward_core::key::PlainKey;
use keyward_core::verify::{ApiKey, HeaderValues, RejectionKind, RequestHead, Verifier};
use zeroize::Zeroizing;

use super::Tried;
use super::attempts::Attempts;
use super::password::Password;
use super::session::Proof;
use crate::guard::Admin;

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
    judge: Judge,
}

/// Who a good key is of, where they may come in.
type Judge = Box<dyn Fn(&ApiKey) -> Option<Admin> + Send + Sync>;

impl SignIn {
    /// With a key that the verifier lets in and this function, which says who that is, too. Both are
    /// asked again at each request: whoever holds a key that is revoked is signed out.
    pub fn operator(
        verifier: Verifier,
        judge: impl Fn(&ApiKey) -> Option<Admin> + Send + Sync + 'static,
    ) -> Self {
        let operator = Operator { verifier, judge: Box::new(judge) };
        Self { operator: Some(operator), ..Self::nobody() }
    }

    /// As somebody, with a password. The hash is that of Argon2, in the PHC form
    /// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn password(admin: Admin, hash: &str) -> Result<Self, ConfigError> {
        Self::nobody().or_password(admin, hash)
    }

    /// Also as somebody, with a password.
    ///
    /// # Errors
    /// As [`password`](Self::password).
    pub fn or_password(mut self, admin: Admin, hash: &str) -> Result<Self, ConfigError> {
        self.password = Some(Password::new(admin, hash)?);
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

    /// What is shown again at each request. A good operator key is good however many others guess:
    /// it cannot be guessed.
    pub(super) async fn check(
        &self,
        address: Option<IpAddr>,
        secret: &str,
    ) -> Result<Proof, Tried> {
        if let Some(operator) = &self.operator
            && let Recognised::Key(_) = operator.verifier.dialect().recognise(secret.as_bytes())
        {
            return match operator.verify(secret).await {
                Ok(_) => Ok(Proof::Operator(PlainKey::new(secret.to_owned()))),
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
                Ok(Proof::Password)
            }
            _ => Err(Tried::Wrong),
        }
    }

    /// Who comes with this now.
    pub(super) async fn admit(&self, proof: &Proof) -> Result<Admin, RejectionKind> {
        match (proof, &self.operator, &self.password) {
            (Proof::Operator(key), Some(operator), _) => operator.verify(key.expose()).await,
            (Proof::Password, _, Some(password)) => Ok(password.admin.clone()),
            _ => Err(RejectionKind::Missing),
        }
    }
}

impl Operator {
    async fn verify(&self, text: &str) -> Result<Admin, RejectionKind> {
        let typed = Typed::new(&self.verifier, text);
        let key = self.verifier.verify(&typed).await.map_err(|rejection| rejection.kind())?;
        (self.judge)(&key).ok_or(RejectionKind::Scope)
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
