use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{Clock, TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::{Creator, Grant, PlainKey};
use keyward::manage::{Issued, KeyManager, NewKey};
use keyward::store::MemoryStore;
use keyward::verify::ApiKey;
use keyward_admin::{Admin, Dashboard, SignIn};
use keyward_tests::{Answer, Keys, Server};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;

/// A dashboard that listens, and somebody before it.
pub(crate) struct Stage {
    pub(crate) manager: KeyManager,
    pub(crate) store: MemoryStore,
    pub(crate) operators: Keys,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) server: Server,
}

/// Somebody who asks, as a browser does: with a cookie, and from the dashboard's own pages.
#[derive(Clone)]
pub(crate) struct Person {
    http: reqwest::Client,
    base: String,
    pub(crate) headers: HeaderMap,
}

/// `password`, hashed with little memory.
pub(crate) const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$9zpz0nGFnSHvRUZdoSvfhg";

impl Stage {
    /// Where people sign in with an operator key.
    pub(crate) async fn of(dialect: Dialect) -> Self {
        Self::with(dialect, |manager, operators| {
            let sign_in = SignIn::operator(operators.verifier.clone(), operator);
            Dashboard::signed_in(manager, sign_in.with_lifetime(Duration::from_hours(1)))
        })
        .await
    }

    /// Behind a guard that believes headers.
    pub(crate) async fn guarded(dialect: Dialect) -> Self {
        Self::with(dialect, |manager, _| {
            Dashboard::behind(manager, |head| {
                let header = |name: &str| head.headers.get(name)?.to_str().ok();
                let admin = Admin::new(Creator::Person(header("x-person")?.to_owned()));
                Some(match header("x-workspace") {
                    Some(workspace) => admin.within(workspace),
                    None => admin,
                })
            })
        })
        .await
    }

    pub(crate) async fn with(
        dialect: Dialect,
        dashboard: impl FnOnce(KeyManager, &Keys) -> Dashboard,
    ) -> Self {
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_767_693_600_000)));
        let store = MemoryStore::new();
        let manager = KeyManager::builder(dialect, store.clone())
            .with_clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .open()
            .await
            .unwrap();
        let operators = Keys::of(Dialect::standard()).await;
        let router = dashboard(manager.clone(), &operators).routes();
        Self { manager, store, operators, clock, server: Server::start(router).await }
    }

    /// Somebody who has not signed in.
    pub(crate) fn stranger(&self) -> Person {
        let builder = reqwest::Client::builder().no_proxy().redirect(Policy::none());
        let base = format!("http://{}", self.server.address);
        Person { http: builder.build().unwrap(), base, headers: HeaderMap::new() }
    }

    pub(crate) fn person(&self, name: &str, workspace: Option<&str>) -> Person {
        let person = self.stranger().with("x-person", name);
        workspace.into_iter().fold(person, |person, name| person.with("x-workspace", name))
    }

    pub(crate) async fn operator_key(&self) -> Issued {
        let new =
            NewKey::new("operators", "ada").with_grant(Grant::Only("dashboard".parse().unwrap()));
        self.operators.manager.create(new).await.unwrap()
    }

    /// Somebody who has signed in with a new operator key.
    pub(crate) async fn signed_in(&self) -> Person {
        let key = self.operator_key().await.key;
        let person = self.stranger();
        let answer = person.sign_in(&key).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        person.with("cookie", cookie_of(&answer))
    }

    pub(crate) async fn key(&self, workspace: &str, name: &str) -> Issued {
        self.manager.create(NewKey::new(workspace, name)).await.unwrap()
    }
}

/// What a browser sends back of a cookie.
pub(crate) fn cookie_of(answer: &Answer) -> &str {
    answer.header("set-cookie").expect("a cookie").split(';').next().unwrap()
}

impl Person {
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).unwrap();
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("origin", &self.base)
                .body(body);
        }
        let response = request.headers(self.headers.clone()).send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.text().await.expect("text") }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// A page that is there.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask(Method::POST, path, Some(encoded(fields))).await
    }

    /// Opens the page of a form, and sends it with its token.
    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page(path).await;
        let fields = [&[("seal", seal(&page))], fields].concat();
        self.post(path.split('?').next().unwrap(), &fields).await
    }

    pub(crate) async fn sign_in(&self, key: &PlainKey) -> Answer {
        self.post("/dashboard/sign-in", &[("secret", key.expose())]).await
    }

    /// Creates a key by the form, and says where its secret is.
    pub(crate) async fn create(&self, fields: &[(&str, &str)]) -> String {
        let usual = [("kind", "secret"), ("access", "all"), ("reach", "all"), ("expires", "never")];
        let answer = self.send("/dashboard/new", &[fields, &usual].concat()).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("location").unwrap().to_owned()
    }
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The token of a page's forms.
pub(crate) fn seal(page: &str) -> &str {
    between(page, "name=\"seal\" value=\"", "\"").expect("a form with a token")
}

pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// Who comes with an operator key.
pub(crate) fn operator(key: &ApiKey) -> Option<Admin> {
    key.require("dashboard").ok()?;
    Some(Admin::new(Creator::Person(key.name().to_owned())))
}
