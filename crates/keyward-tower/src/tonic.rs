//! Where tonic's types meet the layer's.

use bytes::Bytes;
use http_body_util::Full;
use tonic::Status;
use tonic::body::Body;

use crate::body::{CutBody, ResponseBody};
use crate::refused::Refused;

impl ResponseBody for Body {
    fn full(bytes: Bytes) -> Self {
        Self::new(Full::new(bytes))
    }

    fn cut(body: CutBody<Self>) -> Self {
        Self::new(body)
    }
}

/// For handlers, so that `key.require("projects:read")?` refuses as a layer made
/// [`grpc`](crate::ApiKeyAuth::grpc) does.
impl From<Refused> for Status {
    fn from(refused: Refused) -> Self {
        refused
            .into_grpc()
            .and_then(|status| Self::from_header_map(&status))
            .unwrap_or_else(|| Self::internal("Internal server error"))
    }
}
