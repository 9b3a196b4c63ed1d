//! What the layer allocates for a request whose key is cached and whose use is recorded: room for one
//! extension and for each header that it adds, as the layer of tower. A program of its own, as it
//! counts every allocation of the process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::alloc::System;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, fn_service};
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::test::TestRequest;
use actix_web::{Error, HttpMessage, HttpResponse};
use keyward_actix::{ApiKey, ApiKeyAuth};
use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, NewKey};
use keyward_core::store::MemoryStore;
use keyward_core::verify::Verifier;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const REQUESTS: usize = 10_000;
const REQUEST_ID: (&str, &str) = ("x-request-id", "0198f0a4-7c1d-7b3e-8a55-3f2d9c6b1e07");
/// How a key stands with its limit.
const STANDING: [(&str, &str); 2] = [
    ("ratelimit-policy", "\"default\";q=4294967295;w=60"),
    ("ratelimit", "\"default\";r=4294967295;t=60"),
];

/// The allocations of a service while it answers, those of the requests themselves left out.
async fn allocations<B: MessageBody>(
    service: &impl Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    key: &HeaderValue,
) -> usize {
    let request = || TestRequest::get().insert_header((AUTHORIZATION, key.clone()));
    let requests: Vec<_> = (0..REQUESTS).map(|_| request().to_srv_request()).collect();
    let region = Region::new(ALLOCATOR);
    for request in requests {
        let response = service.call(request).await.unwrap();
        assert!(response.status().is_success());
    }
    region.change().allocations
}

#[tokio::test]
async fn a_hit_allocates_one_extension_and_one_header_and_two_for_a_limit() {
    let [policy, state] = STANDING;
    check(NewKey::new("acme", "ci"), &[REQUEST_ID]).await;
    let limited = NewKey::new("acme", "ci").with_rate_limit_per_min(NonZeroU32::MAX);
    check(limited, &[REQUEST_ID, policy, state]).await;
}

async fn check(new: NewKey, added: &[(&str, &str)]) {
    let store = MemoryStore::new();
    let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await.unwrap();
    let issued = manager.create(new).await.unwrap();
    let verifier = Verifier::builder(Dialect::standard(), store)
        // Its poll does not run while this thread counts.
        .with_max_staleness(Duration::from_hours(1))
        .build()
        .unwrap();
    let key = HeaderValue::try_from(format!("Bearer {}", issued.key.expose())).unwrap();

    let bare = fn_service(async |request: ServiceRequest| {
        request.extensions_mut().insert([0_u64; 8]);
        let mut response = HttpResponse::Ok();
        for (name, value) in added {
            response.insert_header((*name, HeaderValue::from_str(value).unwrap()));
        }
        Ok::<_, Error>(request.into_response(black_box(response.finish())))
    });
    let asks = fn_service(async |request: ServiceRequest| {
        assert!(ApiKey::of(&request.extensions()).is_ok());
        Ok::<_, Error>(request.into_response(HttpResponse::Ok().finish()))
    });
    let guarded = ApiKeyAuth::new(verifier).new_transform(asks).await.unwrap();
    let needed = allocations(&bare, &key).await;
    allocations(&guarded, &key).await;
    let with = allocations(&guarded, &key).await;
    assert!(needed >= REQUESTS, "the counter counts");
    // moka's maintenance and the poll now and then.
    assert!(with <= needed + REQUESTS / 50, "{with} for {needed}");
}
