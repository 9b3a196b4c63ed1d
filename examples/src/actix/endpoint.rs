use actix_web::dev::{HttpServiceFactory, Service};
use actix_web::guard::{Any, Method as Is};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Route, web};

/// A resource with these methods, as in axum: `HEAD` is a `GET`, and whoever uses another method is
/// told by `Allow` which there are.
pub fn endpoint(
    path: &str,
    methods: Vec<(Method, Route)>,
    otherwise: Route,
) -> impl HttpServiceFactory + 'static {
    let mut resource = web::resource(path).default_service(otherwise);
    let mut allowed = Vec::new();
    for (method, route) in methods {
        allowed.push(method.to_string());
        let mut guard = Any(Is(method.clone()));
        if method == Method::GET {
            allowed.push(Method::HEAD.to_string());
            guard = guard.or(Is(Method::HEAD));
        }
        resource = resource.route(route.guard(guard));
    }
    let allowed = HeaderValue::try_from(allowed.join(",")).ok();
    resource.wrap_fn(move |request, service| {
        let (answered, allowed) = (service.call(request), allowed.clone());
        async move {
            let mut response = answered.await?;
            if let (StatusCode::METHOD_NOT_ALLOWED, Some(allowed)) = (response.status(), allowed) {
                response.headers_mut().insert(ALLOW, allowed);
            }
            Ok(response)
        }
    })
}
