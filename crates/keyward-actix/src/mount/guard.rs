use actix_web::dev::RequestHead;
use async_trait::async_trait;
use keyward_core::verify::RejectionKind;

use super::request::parts;
use crate::guard::Guard;

/// A guard that was made for tower, such as `keyward::admin::jwt::JwtGuard`: people with a JWT come
/// in by `ApiKeyAuth::new(verifier).or(TowerGuard(guard))`.
#[derive(Debug, Clone)]
pub struct TowerGuard<G>(pub G);

#[async_trait(?Send)]
impl<G: keyward_tower::Guard> Guard for TowerGuard<G> {
    type Principal = G::Principal;

    async fn authenticate(
        &self,
        head: &RequestHead,
    ) -> Result<Option<G::Principal>, RejectionKind> {
        let head = parts(head).map_err(|_| RejectionKind::Malformed)?;
        self.0.authenticate(&head).await
    }
}
