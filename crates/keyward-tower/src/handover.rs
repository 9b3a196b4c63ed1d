//! For layers of other frameworks: leaves what [`ApiKeyAuth`](crate::ApiKeyAuth) would have left in
//! a request, so that a service further in finds it.

use http::{Extensions, HeaderValue};
use keyward_core::verify::{self, Verifier};

use crate::context::Context;
use crate::guard::Principal;

/// A request was let in, with or without a key.
pub fn admitted(
    extensions: &mut Extensions,
    verifier: Verifier,
    request_id: verify::RequestId,
    key: Option<verify::ApiKey>,
) {
    // The other framework has a server that keeps the body of an answer to HEAD to itself.
    extensions.insert(Context { verifier, request_id, grpc: false, head_only: false, key });
}

/// It was let in by another guard, as [`Caller::of`](crate::Caller::of) then says.
pub fn principal<P: Clone + Send + Sync + 'static>(extensions: &mut Extensions, principal: P) {
    extensions.insert(Principal(principal));
}

/// No layer has seen it, but the application has given it an id. One that cannot stand in a header
/// is left out.
pub fn request_id(extensions: &mut Extensions, id: &verify::RequestId) {
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        extensions.insert(tower_http::request_id::RequestId::new(id));
    }
}
