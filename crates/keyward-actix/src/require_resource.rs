use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use keyward_core::key::Literal;
use keyward_core::verify::RejectionKind;
use percent_encoding::percent_decode_str;

use crate::context::ApiKey;
use crate::refused::Refused;

/// The key of a request that is allowed at the resource which the path names.
///
/// Written `RequireResource<"project_id">` in a function with `#[scoped]`, for a route such as
/// `/projects/{project_id}`. It dereferences to [`ApiKey`].
///
/// It asks whether the key is restricted to other resources, not whether there is such a resource
/// or whose it is: the handler looks for it in the key's [workspace](keyward_core::verify::ApiKey::workspace).
///
/// ```
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, web};
/// use keyward::actix::{ApiKeyAuth, RequireResource};
/// use keyward::scoped;
///
/// #[scoped]
/// async fn read_project(key: RequireResource<"project_id">) -> String {
///     format!("a project of {}", key.workspace())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (manager, verifier) = (&keys.manager, keys.verifier.clone());
/// use keyward::key::Resources;
/// use keyward::manage::NewKey;
///
/// let restricted = NewKey::new("acme", "one project's")
///     .with_resources(Resources::Only(vec!["p-1".to_owned()]));
/// let key = manager.create(restricted).await?.key;
/// let app = App::new()
///     .wrap(ApiKeyAuth::new(verifier))
///     .route("/projects/{project_id}", web::get().to(read_project));
/// let app = init_service(app).await;
///
/// for (path, status) in [("/projects/p-1", 200), ("/projects/p-2", 403)] {
///     let bearer = ("authorization", format!("Bearer {}", key.expose()));
///     let request = TestRequest::get().uri(path).insert_header(bearer).to_request();
///     assert_eq!(call_service(&app, request).await.status(), status);
/// }
/// # Ok(()) }
/// ```
pub struct RequireResource<N> {
    key: ApiKey,
    parameter: PhantomData<fn() -> N>,
}

impl<N> RequireResource<N> {
    /// The key.
    pub fn into_inner(self) -> ApiKey {
        self.key
    }
}

impl<N> Deref for RequireResource<N> {
    type Target = ApiKey;

    fn deref(&self) -> &ApiKey {
        &self.key
    }
}

impl<N> Clone for RequireResource<N> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), parameter: PhantomData }
    }
}

impl<N: Literal> fmt::Debug for RequireResource<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireResource")
            .field("parameter", &N::NAME)
            .field("key", &self.key)
            .finish()
    }
}

impl<N: Literal> RequireResource<N> {
    fn of(request: &HttpRequest) -> Result<Self, Refused> {
        let key = ApiKey::of(&request.extensions())?;
        let parameter = request.match_info().get(N::NAME);
        let parameter = parameter.ok_or_else(|| Refused::no_parameter(N::NAME))?;
        // A path that is not text names nothing that a key may touch. It is looked at as it was
        // sent, because actix-web has put something else where its parameters were not text.
        let is_text = percent_decode_str(request.path()).decode_utf8().is_ok();
        // actix-web leaves `%2F`, `%25` and `%2B` in parameters.
        let resource = percent_decode_str(parameter).decode_utf8().ok().filter(|_| is_text);
        let resource = resource.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
        key.require_resource(&resource)?;
        Ok(Self { key, parameter: PhantomData })
    }
}

impl<N: Literal> FromRequest for RequireResource<N> {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
