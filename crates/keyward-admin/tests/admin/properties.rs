//! Whatever is sent: an answer in the API's words, and never its own mistake.

use std::convert::Infallible;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use keyward::dialect::Dialect;
use keyward::dialect::management::Operation;
use keyward::key::Creator;
use keyward_admin::{Admin, AdminGuard, Denied, KeyAdmin};
use keyward_tests::Keys;
use proptest::prelude::*;
use serde_json::Value;
use tower::Service;

struct Anybody;

#[async_trait]
impl AdminGuard for Anybody {
    async fn admit(&self, _: &Parts, _: &Operation<'_>) -> Result<Admin, Denied> {
        Ok(Admin::new(Creator::Person("anybody".to_owned())).within("acme"))
    }
}

async fn ask(admin: &mut KeyAdmin, request: Request<Full<Bytes>>) -> Response<Full<Bytes>> {
    let answer: Result<_, Infallible> = admin.call(request).await;
    answer.unwrap_or_else(|never| match never {})
}

/// Sends a body as a new key and as a change of one, and a query to the list.
fn send(body: &[u8], query: &str) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        for name in Dialect::BUILT_IN {
            let dialect = Dialect::named(name).unwrap();
            let path = dialect.management().unwrap().path().to_owned();
            let keys = Keys::of(dialect).await;
            let key = keys.key("").await;
            drop(key);
            let page = keys.manager.list(&keyward::manage::ListKeys::new()).await.unwrap();
            let one = format!("{path}/{}", page.keys[0].id);
            let mut admin = KeyAdmin::new(keys.manager, Anybody).unwrap();
            let body = Full::new(Bytes::copy_from_slice(body));
            let json = "application/json";
            let requests = [
                Request::post(&path).header("content-type", json).body(body.clone()),
                Request::patch(&one).header("content-type", json).body(body),
                Request::get(format!("{path}?{query}")).body(Full::default()),
                Request::get(format!("{path}/{query}")).body(Full::default()),
            ];
            // A query that is no part of any URL never comes here.
            for request in requests.into_iter().flatten() {
                let response = ask(&mut admin, request).await;
                let status = response.status().as_u16();
                let body = response.into_body().collect().await.unwrap().to_bytes();
                prop_assert!(status < 500, "{name}: {status}");
                if status != 204 {
                    let json = serde_json::from_slice::<Value>(&body);
                    prop_assert!(json.is_ok_and(|json| json.is_object()), "{name}: {body:?}");
                }
            }
        }
        Ok(())
    })
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "all",
            "read",
            "live",
            "2999-01-01T00:00:00Z",
            "2001-01-01T00:00:00Z",
            "\0",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(".{0,6}", inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_fields_are_answered_in_the_apis_words(
        fields in prop::collection::hash_map(
            prop::sample::select(vec![
                "name", "description", "workspace", "scopes", "permissions", "resources",
                "project_ids", "rate_limit_per_min", "networks", "kind", "key_type", "environment",
                "expires_at", "active", "other",
            ]),
            values(),
            0..6,
        ),
    ) {
        let fields: Value = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        send(fields.to_string().as_bytes(), "")?;
    }

    #[test]
    fn any_bytes_are_answered_in_the_apis_words(
        body in prop::collection::vec(any::<u8>(), 0..64),
        query in "[!-~]{0,40}",
    ) {
        send(&body, &query)?;
    }

    #[test]
    fn any_parameters_are_answered_in_the_apis_words(
        pairs in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "limit", "per_page", "offset", "page", "cursor", "status", "workspace", "x",
                ]),
                prop_oneof!["[0-9]{0,30}", "-?[0-9.]{0,6}", "[0-9a-f]{1,20}\\.[!-~]{0,12}", ".{0,8}", "active|all"],
            ),
            0..5,
        ),
    ) {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        send(b"{}", &query)?;
    }
}
