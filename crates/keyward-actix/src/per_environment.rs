use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use keyward_core::verify::Environments;

use crate::context::ApiKey;
use crate::refused::Refused;

/// The half of the application's data that the request's key sees, from
/// `web::Data<Environments<T>>` among them. A request without a key is refused as by [`ApiKey`].
///
/// ```
/// use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service};
/// use actix_web::{App, web};
/// use keyward::actix::{ApiKeyAuth, Environments, PerEnvironment};
/// use keyward::dialect::{Dialect, Environment, KindForm};
/// use keyward::manage::NewKey;
///
/// async fn list_projects(projects: PerEnvironment<Vec<String>>) -> String {
///     projects.join(", ")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dialect = Dialect::builder("acme")
///     .kinds([
///         KindForm::new("live", "acme_live_"),
///         KindForm::new("test", "acme_test_").with_environment(Environment::Sandbox),
///     ])
///     .build()?;
/// # let keys = keyward_tests::Keys::of(dialect).await;
/// # let (manager, verifier) = (&keys.manager, keys.verifier.clone());
/// let projects = Environments::new(vec!["the real one".to_owned()], vec![]);
/// let app = App::new()
///     .app_data(web::Data::new(projects))
///     .wrap(ApiKeyAuth::new(verifier))
///     .route("/projects", web::get().to(list_projects));
/// let app = init_service(app).await;
///
/// for (kind, sees) in [("live", "the real one"), ("test", "")] {
///     let key = manager.create(NewKey::new("acme", "production").with_kind(kind)).await?.key;
///     let bearer = ("authorization", format!("Bearer {}", key.expose()));
///     let request = TestRequest::get().uri("/projects").insert_header(bearer).to_request();
///     assert_eq!(call_and_read_body(&app, request).await, sees);
/// }
/// let without = TestRequest::get().uri("/projects").to_request();
/// assert_eq!(call_service(&app, without).await.status(), 401);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct PerEnvironment<T>(pub T);

impl<T> Deref for PerEnvironment<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone + 'static> PerEnvironment<T> {
    fn of(request: &HttpRequest) -> Result<Self, Refused> {
        let key = ApiKey::of(&request.extensions())?;
        let both = request.app_data::<Data<Environments<T>>>();
        let both = both.ok_or_else(Refused::no_environments::<T>)?;
        Ok(Self(both.of(&key).clone()))
    }
}

impl<T: Clone + 'static> FromRequest for PerEnvironment<T> {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
