use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use keyward_core::dialect::management::{Answer, Fault, Meta, Problem};
use keyward_core::manage::{ManageError, ManageErrorKind};
use keyward_core::verify::{self, Rejection, RejectionKind};
use keyward_tower::RequestId;

use super::Shared;
use crate::guard::Denied;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Why an operation was not done.
pub(super) enum Trouble {
    Rejected(Rejection),
    Faults(Vec<Fault>),
    NotFound,
    Conflict(String),
    TooLarge,
    /// With the methods that are.
    MethodNotAllowed(String),
    Mistake,
}

impl Shared {
    pub(super) async fn serve<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        let (head, body) = request.into_parts();
        let set = RequestId::of(&head.extensions);
        let id = set.map_or_else(|| self.manager.dialect().new_request_id(), |set| (*set).clone());
        let mut response = match self.perform(&head, body, &id).await {
            Ok(answer) => response(answer),
            Err(trouble) => self.trouble(&trouble, &id),
        };
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            headers.insert(REQUEST_ID, id);
        }
        // Secrets, and what is true for a moment: nothing of it is for any cache, a private one
        // neither (RFC 9111 §5.2.2.5). `private` would add nothing to that.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if head.method == Method::HEAD {
            let length = response.body().size_hint().exact().unwrap_or_default();
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            *response.body_mut() = Full::default();
        }
        response
    }

    /// What every answer may show, now.
    pub(super) fn meta<'a>(&self, id: &'a verify::RequestId) -> Meta<'a> {
        Meta { request_id: id.as_str(), now: self.manager.now() }
    }

    fn trouble(&self, trouble: &Trouble, id: &verify::RequestId) -> Response<Full<Bytes>> {
        let problem = match trouble {
            Trouble::Rejected(rejection) => return self.refuse(rejection, id),
            Trouble::Faults(faults) => Problem::Invalid(faults),
            Trouble::NotFound => Problem::NotFound,
            Trouble::Conflict(sentence) => Problem::Conflict(sentence),
            Trouble::TooLarge => Problem::TooLarge,
            Trouble::MethodNotAllowed(_) => Problem::MethodNotAllowed,
            Trouble::Mistake => Problem::Internal,
        };
        let Some(management) = self.manager.dialect().management() else {
            return Response::default();
        };
        let mut response = response(management.refuse(problem, self.meta(id)));
        if let Trouble::MethodNotAllowed(allowed) = trouble
            && let Ok(allowed) = HeaderValue::from_str(allowed)
        {
            response.headers_mut().insert(ALLOW, allowed);
        }
        response
    }

    /// As the layer refuses; the rejection is in the extensions, for layers outside.
    fn refuse(&self, rejection: &Rejection, id: &verify::RequestId) -> Response<Full<Bytes>> {
        rejection.answers(id.as_str());
        let refusal = self.manager.dialect().refuse(rejection, id.as_str(), self.manager.now());
        let mut response = Response::new(Bytes::from(refusal.body).into());
        *response.status_mut() = status(refusal.status);
        for (name, value) in refusal.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response.extensions_mut().insert(rejection.clone());
        response
    }
}

fn response(answer: Answer<'_>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status(answer.status);
    if !answer.body.is_empty() {
        if let Ok(content_type) = HeaderValue::from_str(answer.content_type) {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        *response.body_mut() = Bytes::from(answer.body).into();
    }
    response
}

fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl From<Denied> for Trouble {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Rejected(rejection) => Self::Rejected(rejection),
            Denied::NotFound => Self::NotFound,
            Denied::Mistake => Self::Mistake,
        }
    }
}

impl From<Vec<Fault>> for Trouble {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Faults(faults)
    }
}

/// What the manager has against an act; [`Trouble::Faults`] are told by the operation, which knows
/// what the API calls its fields.
impl From<ManageError> for Trouble {
    fn from(error: ManageError) -> Self {
        let kind = match (error.kind(), error.field()) {
            (ManageErrorKind::NotFound, _) => return Self::NotFound,
            (ManageErrorKind::Conflict, _) => return Self::Conflict(error.to_string()),
            (ManageErrorKind::Denied, Some("resources" | "workspace" | "networks")) => {
                RejectionKind::Resource
            }
            (ManageErrorKind::Denied, Some(_)) => RejectionKind::Scope,
            // The key that acts has ended since it was verified.
            (ManageErrorKind::Denied, None) => RejectionKind::Revoked,
            (ManageErrorKind::Unavailable, _) => {
                let error: &dyn std::error::Error = &error;
                let source = error.source().map(tracing::field::display);
                tracing::error!(target: "keyward", error, source, "keys cannot be managed now");
                RejectionKind::Unavailable
            }
            _ => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(target: "keyward", error, "an act on a key was refused");
                return Self::Mistake;
            }
        };
        Self::Rejected(Rejection::new(kind))
    }
}
