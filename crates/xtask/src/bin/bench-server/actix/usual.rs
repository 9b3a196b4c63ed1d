use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::error::ErrorUnauthorized;
use actix_web::web::{self, ReqData};
use actix_web::{Error, HttpMessage, HttpResponse};
use actix_web_httpauth::extractors::bearer::BearerAuth;
use actix_web_httpauth::middleware::HttpAuthentication;

use super::{Routes, answer};
use crate::record::Record;
use crate::usual::Keys;

pub(crate) fn routes(keys: Keys) -> Routes {
    Arc::new(move |app| {
        let keys = keys.clone();
        let authenticate = HttpAuthentication::bearer(move |request, bearer| {
            authenticate(keys.clone(), request, bearer)
        });
        app.service(web::resource("/projects").wrap(authenticate).get(projects));
    })
}

async fn authenticate(
    keys: Keys,
    request: ServiceRequest,
    bearer: BearerAuth,
) -> Result<ServiceRequest, (Error, ServiceRequest)> {
    let Some(record) = keys.find(bearer.token()).await else {
        return Err((ErrorUnauthorized("no such key"), request));
    };
    request.extensions_mut().insert(record);
    Ok(request)
}

async fn projects(record: ReqData<Record>) -> HttpResponse {
    if record.holds_scope() { answer() } else { HttpResponse::Forbidden().finish() }
}
