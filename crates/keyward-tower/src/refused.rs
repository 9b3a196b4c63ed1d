use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use keyward_core::verify::{Rejection, RejectionKind};

use crate::body::ResponseBody;
use crate::context::Context;
use crate::grpc;
use crate::mark::put_request_id;

/// A refused request, which answers as its dialect says. Return it from a handler with `?`, also in tonic:
/// with the feature `tonic` it becomes a `Status`.
///
/// ```
/// use axum::extract::Path;
/// use axum::{Router, routing::get};
/// use keyward::axum::{ApiKey, Refused};
/// use keyward::verify::RejectionKind;
///
/// async fn invoice(key: ApiKey, Path(id): Path<u32>) -> Result<String, Refused> {
///     key.require("projects-read | invoices-read")?;
///     match id {
///         7 => Ok("an invoice".to_owned()),
///         _ => Err(key.refuse(RejectionKind::Resource)),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (reader, writer) = (keys.key("projects-read").await, keys.key("projects-write").await);
/// # let auth = keys.auth();
/// let app = Router::new().route("/invoices/{id}", get(invoice)).layer(auth);
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// assert_eq!(client.get("/invoices/7", reader.expose()).await.status, 200);
/// assert_eq!(client.get("/invoices/8", reader.expose()).await.status, 403);
/// assert_eq!(client.get("/invoices/7", writer.expose()).await.status, 403);
/// # }
/// ```
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
             add `.layer(ApiKeyAuth::new(verifier))`, and look for two versions in `cargo tree -d`"
        );
        Self(Box::new(Why::Mistake("no ApiKeyAuth layer around this route")))
    }

    /// Asked for a resource that the route does not name.
    #[cfg(feature = "axum")]
    pub(crate) fn no_parameter(parameter: &'static str) -> Self {
        tracing::error!(
            target: "keyward",
            parameter,
            "the route has no such path parameter, which RequireResource asks for: \
             give both the same name"
        );
        Self(Box::new(Why::Mistake("no such path parameter in this route")))
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

    /// The response. The [`Rejection`] is in its extensions, for layers outside.
    pub fn into_response<B: ResponseBody>(self) -> Response<B> {
        match *self.0 {
            Why::Rejected { rejection, context } => render(rejection, &context),
            Why::Mistake(_) => {
                let body = r#"{"error":{"message":"Internal server error"}}"#;
                let mut response = Response::new(B::full(Bytes::from_static(body.as_bytes())));
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(CONTENT_TYPE, json);
                response
            }
        }
    }

    /// The gRPC status as headers; `None` for a mistake of the application.
    #[cfg(feature = "tonic")]
    pub(crate) fn into_grpc(self) -> Option<http::HeaderMap> {
        let Why::Rejected { rejection, context } = *self.0 else { return None };
        rejection.answers(context.request_id.as_str());
        Some(grpc::answer(&rejection, &context))
    }
}

fn render<B: ResponseBody>(rejection: Rejection, context: &Context) -> Response<B> {
    rejection.answers(context.request_id.as_str());
    let mut response =
        if context.grpc { trailers_only(&rejection, context) } else { http(&rejection, context) };
    response.extensions_mut().insert(rejection);
    response
}

fn http<B: ResponseBody>(rejection: &Rejection, context: &Context) -> Response<B> {
    let refusal = context.verifier.refuse(rejection, context.request_id.as_str());
    let length = refusal.body.len();
    // hyper would send it over HTTP/2, where a body is an error of the protocol.
    let body = if context.head_only { Vec::new() } else { refusal.body };
    let mut response = Response::new(B::full(Bytes::from(body)));
    *response.status_mut() =
        StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in refusal.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if context.head_only {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    put_request_id(&context.request_id, headers);
    response
}

/// gRPC's form of a response that has no messages: an HTTP 200 whose head is the status.
fn trailers_only<B: ResponseBody>(rejection: &Rejection, context: &Context) -> Response<B> {
    let mut response = Response::new(B::full(Bytes::new()));
    *response.headers_mut() = grpc::answer(rejection, context);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(grpc::MIME));
    response
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
