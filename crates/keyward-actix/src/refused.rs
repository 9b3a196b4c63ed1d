use std::any::type_name;
use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use keyward_core::dialect::Refusal;
use keyward_core::verify::{Rejection, RejectionKind};

use crate::context::Context;
use crate::mark::put_request_id;

/// A refused request, which answers as its dialect says. Return it from a handler with `?`.
///
/// ```
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, web};
/// use keyward::actix::{ApiKey, ApiKeyAuth, Refused};
/// use keyward::verify::RejectionKind;
///
/// async fn invoice(key: ApiKey, id: web::Path<u32>) -> Result<String, Refused> {
///     key.require("projects-read | invoices-read")?;
///     match *id {
///         7 => Ok("an invoice".to_owned()),
///         _ => Err(key.refuse(RejectionKind::Resource)),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (reader, writer) = (keys.key("projects-read").await, keys.key("projects-write").await);
/// # let verifier = keys.verifier.clone();
/// let app = App::new()
///     .wrap(ApiKeyAuth::new(verifier))
///     .route("/invoices/{id}", web::get().to(invoice));
/// let app = init_service(app).await;
///
/// for (key, path, status) in [
///     (&reader, "/invoices/7", 200),
///     (&reader, "/invoices/8", 403),
///     (&writer, "/invoices/7", 403),
/// ] {
///     let bearer = ("authorization", format!("Bearer {}", key.expose()));
///     let request = TestRequest::get().uri(path).insert_header(bearer).to_request();
///     assert_eq!(call_service(&app, request).await.status(), status);
/// }
/// # }
/// ```
///
/// It is the `error()` of its response, and the [`Rejection`] is in the response's extensions: so
/// middleware outside can tell refusals apart.
pub struct Refused(Box<Why>);

enum Why {
    Rejected {
        rejection: Rejection,
        context: Context,
    },
    /// Of the application, not of the client.
    Mistake(&'static str),
}

impl Refused {
    pub(crate) fn new(rejection: Rejection, context: Context) -> Self {
        Self(Box::new(Why::Rejected { rejection, context }))
    }

    /// Asked for a key, or for its scopes, without the layer.
    pub(crate) fn no_layer() -> Self {
        tracing::error!(
            target: "keyward",
            "no ApiKeyAuth layer around this route, or one of another version of keyward: \
             add `.wrap(ApiKeyAuth::new(verifier))`, and look for two versions in `cargo tree -d`"
        );
        Self(Box::new(Why::Mistake("no ApiKeyAuth layer around this route")))
    }

    /// Asked for a resource that the route does not name.
    pub(crate) fn no_parameter(parameter: &'static str) -> Self {
        tracing::error!(
            target: "keyward",
            parameter,
            "the route has no such path parameter, which RequireResource asks for: \
             give both the same name"
        );
        Self(Box::new(Why::Mistake("no such path parameter in this route")))
    }

    /// Asked for a half of data that the application has not.
    pub(crate) fn no_environments<T>() -> Self {
        let halves = type_name::<T>();
        tracing::error!(
            target: "keyward",
            halves,
            "no such Environments among the application's data, which PerEnvironment asks for: \
             add `.app_data(web::Data::new(Environments::new(live, sandbox)))`"
        );
        Self(Box::new(Why::Mistake("no such Environments among the application's data")))
    }

    /// Asked for a limit that the dialect does not name.
    pub(crate) fn no_limit(limit: &str) -> Self {
        tracing::error!(
            target: "keyward",
            limit,
            "the dialect has no such limit, which RequireLimit asks for: \
             write it into its `[limits.named]`"
        );
        Self(Box::new(Why::Mistake("no such limit in the dialect")))
    }

    /// Why; `None` for a mistake of the application, such as a missing layer, which is a 500.
    pub fn kind(&self) -> Option<RejectionKind> {
        match &*self.0 {
            Why::Rejected { rejection, .. } => Some(rejection.kind()),
            Why::Mistake(_) => None,
        }
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match &*self.0 {
            Why::Rejected { rejection, context } => status(&context.refusal(rejection)),
            Why::Mistake(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        match &*self.0 {
            Why::Rejected { rejection, context } => render(rejection, context),
            Why::Mistake(_) => {
                let body = BoxBody::new(r#"{"error":{"message":"Internal server error"}}"#);
                let mut response = HttpResponse::with_body(StatusCode::INTERNAL_SERVER_ERROR, body);
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(CONTENT_TYPE, json);
                response
            }
        }
    }
}

fn render(rejection: &Rejection, context: &Context) -> HttpResponse<BoxBody> {
    let id = &context.request_id;
    rejection.answers(id.as_str());
    let refusal = context.refusal(rejection);
    let status = status(&refusal);
    let mut response = HttpResponse::with_body(status, BoxBody::new(refusal.body));
    let headers = response.headers_mut();
    for (name, value) in refusal.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    put_request_id(id, headers);
    response.extensions_mut().insert(rejection.clone());
    response
}

fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Refused").field(&self.kind()).finish()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Why::Rejected { rejection, .. } => rejection.fmt(f),
            Why::Mistake(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Refused {}
