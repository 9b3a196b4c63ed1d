use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// A response, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// In the order of their names.
    pub headers: HeaderMap,
    /// The text.
    pub body: String,
}

impl Answer {
    /// The body as JSON; its objects keep their order.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }

    /// The value of a header that stands there at most once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().expect("a header of text"));
        assert!(values.next().is_none(), "`{name}` stands there twice");
        value
    }

    /// The names of all headers, sorted, but `date` and what is of the connection alone.
    pub fn header_names(&self) -> Vec<&str> {
        let names = self.headers.keys().map(HeaderName::as_str);
        let mut names: Vec<&str> =
            names.filter(|name| !["connection", "date"].contains(name)).collect();
        names.sort_unstable();
        names
    }
}

/// An HTTP client of one server.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
}

impl Client {
    /// A client that asks below this URL, whatever proxy the machine has.
    pub fn new(base: impl Into<String>) -> Self {
        Self::with(base, reqwest::Client::builder())
    }

    /// The same over HTTP/2, without asking the server whether it knows that.
    pub fn of_http2(base: impl Into<String>) -> Self {
        Self::with(base, reqwest::Client::builder().http2_prior_knowledge())
    }

    fn with(base: impl Into<String>, builder: reqwest::ClientBuilder) -> Self {
        let http = builder.no_proxy().build().expect("a client");
        Self { base: base.into(), http }
    }

    /// A request, to be finished and given to [`send`](Self::send).
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.text().await.expect("a body of text");
        Answer { status, headers, body }
    }

    /// `GET` with a key.
    pub async fn get(&self, path: &str, key: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(key)).await
    }

    /// `GET` without any.
    pub async fn get_without_key(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST` of JSON with a key.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).bearer_auth(key).json(body)).await
    }
}
