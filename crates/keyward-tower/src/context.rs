use std::fmt;
use std::ops::Deref;

use http::Extensions;
use keyward_core::verify::{self, Rejection, RejectionKind, Verifier};

use crate::refused::Refused;

/// What the layer leaves in every request that it lets through.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) verifier: Verifier,
    pub(crate) request_id: verify::RequestId,
    /// Whether refusals are gRPC statuses, also those of whoever is further in.
    pub(crate) grpc: bool,
    /// Whether the client asked for the head of the response alone.
    pub(crate) head_only: bool,
    pub(crate) key: Option<verify::ApiKey>,
}

impl Context {
    /// The context of a request that went through the layer, whoever sent it.
    pub(crate) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// The key that a layer outside of this one has verified and counted already.
    pub(crate) fn verified<'e>(
        extensions: &'e Extensions,
        by: &Verifier,
    ) -> Option<&'e verify::ApiKey> {
        Self::of(extensions).filter(|context| context.verifier.is_clone_of(by))?.key.as_ref()
    }

    /// The request is let in with this key.
    #[inline]
    pub(crate) fn admitted(&mut self, key: verify::ApiKey) {
        key.admits(self.request_id.as_str());
        self.key = Some(key);
    }

    pub(crate) fn refuse(&self, rejection: Rejection) -> Refused {
        Refused::new(rejection, self.clone())
    }
}

/// The verified key of a request: [`ApiKey::of`] its extensions, and an extractor in axum.
///
/// It dereferences to [`verify::ApiKey`], which says who is asking and what they may do, and
/// refuses like the layer, in the dialect's words.
#[derive(Clone)]
pub struct ApiKey {
    key: verify::ApiKey,
    context: Context,
}

impl ApiKey {
    /// The key of a request that went through [`ApiKeyAuth`](crate::ApiKeyAuth).
    ///
    /// # Errors
    /// A refusal when no key was presented, or when the layer is missing.
    pub fn of(extensions: &Extensions) -> Result<Self, Refused> {
        let context = Context::of(extensions).ok_or_else(Refused::no_layer)?;
        Self::in_context(context)
            .ok_or_else(|| context.refuse(Rejection::new(RejectionKind::Missing)))
    }

    pub(crate) fn in_context(context: &Context) -> Option<Self> {
        let key = context.key.clone()?;
        let (verifier, request_id) = (context.verifier.clone(), context.request_id.clone());
        let Context { grpc, head_only, .. } = *context;
        let context = Context { verifier, request_id, grpc, head_only, key: None };
        Some(Self { key, context })
    }

    /// Refuses the request unless the key holds a scope expression, such as `"read | admin"`.
    ///
    /// # Errors
    /// The dialect's answer to a missing scope.
    pub fn require(&self, wanted: &str) -> Result<(), Refused> {
        self.key.require(wanted).map_err(|rejection| self.context.refuse(rejection))
    }

    /// Refuses the request unless the key may touch this resource.
    ///
    /// # Errors
    /// The dialect's answer to a resource that the key may not touch.
    pub fn require_resource(&self, resource: &str) -> Result<(), Refused> {
        self.key.require_resource(resource).map_err(|rejection| self.context.refuse(rejection))
    }

    /// Refuses the request unless the key belongs to this workspace.
    ///
    /// # Errors
    /// The dialect's answer to a resource that the key may not touch.
    pub fn require_workspace(&self, workspace: &str) -> Result<(), Refused> {
        self.key.require_workspace(workspace).map_err(|rejection| self.context.refuse(rejection))
    }

    /// Counts the request by one of the dialect's named limits, once, however often it is asked for.
    /// Waits only where processes share limits.
    ///
    /// # Errors
    /// The dialect's answer to too many requests; a 500 when it has no such limit.
    pub async fn require_limit(&self, name: &str) -> Result<(), Refused> {
        let verifier = &self.context.verifier;
        let limit = verifier.dialect().limit_id(name).ok_or_else(|| Refused::no_limit(name))?;
        let counted = verifier.require_limit(&self.key, limit).await;
        counted.map_err(|rejection| self.context.refuse(rejection))
    }

    /// A refusal of this kind, to be returned from a handler.
    pub fn refuse(&self, kind: RejectionKind) -> Refused {
        self.context.refuse(self.key.refuse(kind))
    }

    /// The id that this request's response and log lines carry.
    pub fn request_id(&self) -> RequestId {
        RequestId(self.context.request_id.clone())
    }
}

impl Deref for ApiKey {
    type Target = verify::ApiKey;

    fn deref(&self) -> &verify::ApiKey {
        &self.key
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

/// The id of a request: in its response's `x-request-id`, and in the body of a refusal where the
/// dialect shows it. An extractor in axum.
#[derive(Debug, Clone)]
pub struct RequestId(pub(crate) verify::RequestId);

impl RequestId {
    /// The id that the layer gave a request, or that the application set before it.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        if let Some(context) = Context::of(extensions) {
            return Some(Self(context.request_id.clone()));
        }
        let set = extensions.get::<tower_http::request_id::RequestId>()?;
        let id = set.header_value().to_str().ok()?;
        Some(Self(verify::RequestId::from_application(id)))
    }
}

impl Deref for RequestId {
    type Target = verify::RequestId;

    fn deref(&self) -> &verify::RequestId {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}
