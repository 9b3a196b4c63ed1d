//! What the layer allocates for a request whose key is cached and whose use is recorded: room for one
//! extension and for each header that it adds. A program of its own, as it counts every allocation of
//! the process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::alloc::System;
use std::convert::Infallible;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::{Extensions, Request, Response};
use http_body_util::Full;
use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, NewKey};
use keyward_core::store::MemoryStore;
use keyward_core::verify::Verifier;
use keyward_tower::{ApiKey, ApiKeyAuth};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower::{Layer, Service, ServiceExt, service_fn};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const REQUEST_ID: (HeaderName, &str) =
    (HeaderName::from_static("x-request-id"), "0198f0a4-7c1d-7b3e-8a55-3f2d9c6b1e07");
/// How a key stands with its limit.
const STANDING: [(HeaderName, &str); 2] = [
    (HeaderName::from_static("ratelimit-policy"), "\"default\";q=4294967295;w=60"),
    (HeaderName::from_static("ratelimit"), "\"default\";r=4294967295;t=60"),
];
const REQUESTS: usize = 10_000;

/// The allocations of a service while it answers, those of the requests themselves left out.
async fn allocations<S>(mut service: S, key: &HeaderValue) -> usize
where
    S: Service<Request<()>, Response = Response<Full<Bytes>>, Error = Infallible>,
{
    let request = || {
        let mut request = Request::new(());
        request.headers_mut().insert(AUTHORIZATION, key.clone());
        request
    };
    let requests: Vec<_> = (0..REQUESTS).map(|_| request()).collect();
    let region = Region::new(ALLOCATOR);
    for request in requests {
        let response = service.ready().await.unwrap().call(request).await.unwrap();
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

async fn check(new: NewKey, added: &[(HeaderName, &str)]) {
    let store = MemoryStore::new();
    let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await.unwrap();
    let issued = manager.create(new).await.unwrap();
    let verifier = Verifier::builder(Dialect::standard(), store)
        // Its poll does not run while this thread counts.
        .with_max_staleness(Duration::from_hours(1))
        .build()
        .unwrap();
    let key = HeaderValue::try_from(format!("Bearer {}", issued.key.expose())).unwrap();

    let bare = service_fn(async |_| Ok(Response::new(Full::default())));
    let asks = service_fn(async |request: Request<()>| {
        assert!(ApiKey::of(request.extensions()).is_ok());
        Ok(Response::new(Full::default()))
    });
    let guarded = ApiKeyAuth::new(verifier).layer(asks);
    let without = allocations(bare, &key).await;
    allocations(guarded.clone(), &key).await;
    let with = allocations(guarded, &key).await;

    let region = Region::new(ALLOCATOR);
    for _ in 0..REQUESTS {
        let mut extensions = Extensions::new();
        extensions.insert([0_u64; 8]);
        let mut headers = HeaderMap::new();
        for (name, value) in added {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        black_box((extensions, headers));
    }
    let needed = region.change().allocations;
    assert!(needed >= REQUESTS, "the counter counts");
    // moka's maintenance and the poll now and then.
    assert!(with <= without + needed + REQUESTS / 50, "{with} - {without} for {needed}");
}
