use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use keyward::admin::{Admin, Dashboard, SignIn};
use keyward::key::Creator;
use keyward::tower::DrainLayer;
use keyward::verify::ApiKey;
use tower_http::timeout::RequestBodyDeadlineLayer;

use super::keys::Keys;
use super::operators;
use super::options::Options;
use super::router::PATIENCE;
use crate::failure::Result;
use crate::operator::{KEYS_READ, KEYS_WRITE};

/// The dashboard, to which the front page leads.
pub(super) fn routes(keys: &Keys, operators: &Keys, options: &Options) -> Result<Router> {
    let mut sign_in = SignIn::operator(operators.verifier.clone(), admit);
    if let Some(hash) = &options.dashboard_password {
        let admin = Admin::new(Creator::Person("dashboard".to_owned()));
        sign_in = sign_in.or_password(admin, hash)?;
    }
    let mut dashboard = Dashboard::signed_in(keys.manager.clone(), sign_in)
        .with_trusted_proxies(options.trusted_proxies.clone());
    if options.behind_tls {
        dashboard = dashboard.with_secure_cookies();
    }
    let path = dashboard.path().to_owned();
    Ok(Router::new()
        .route("/", get(async move || Redirect::temporary(&path)))
        .merge(dashboard.routes())
        .layer(RequestBodyDeadlineLayer::new(PATIENCE))
        .layer(DrainLayer::new()))
}

/// An operator who may see and change keys, of the workspace that their own key is of, or of any.
fn admit(operator: &ApiKey) -> Option<Admin> {
    operator.require(&format!("{KEYS_READ} {KEYS_WRITE}")).ok()?;
    let admin = Admin::new(operators::person(operator));
    Some(match operators::workspace(operator) {
        Some(own) => admin.within(own),
        None => admin,
    })
}
