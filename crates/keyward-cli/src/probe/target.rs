use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::uri::Scheme;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use keyward::dialect::{Dialect, Location};
use keyward::key::PlainKey;
use rustls::crypto::aws_lc_rs;
use tokio::time::timeout;

use crate::failure::{Failure, Result};

/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How much of one is read: the connection is used again only after its end.
const MOST_BYTES: usize = 1 << 20;

/// A URL that is asked.
#[derive(Clone)]
pub(super) struct Target {
    uri: Uri,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

/// A key in the header in which its dialect wants it.
#[derive(Clone)]
pub(super) struct Credential {
    name: HeaderName,
    value: HeaderValue,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|error| format!("{error}"))?;
        let is_http = [Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&uri.scheme());
        if !is_http || uri.host().is_none_or(str::is_empty) {
            return Err("write http:// or https://, a host and a path".to_owned());
        }
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(aws_lc_rs::default_provider())
            .map_err(|error| format!("no certificates to trust an https server by: {error}"))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self { uri, client: Client::builder(TokioExecutor::new()).build(connector) })
    }
}

impl Target {
    /// What it answers to a request with this key.
    pub(super) async fn ask(&self, credential: &Credential) -> Result<StatusCode, String> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.uri.clone();
        request.headers_mut().insert(credential.name.clone(), credential.value.clone());
        let answer = async {
            let response = self.client.request(request).await.map_err(|error| error.to_string())?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MOST_BYTES);
            body.collect().await.map_err(|error| error.to_string())?;
            Ok(status)
        };
        timeout(LIMIT, answer).await.unwrap_or_else(|_| Err(format!("no answer in {LIMIT:?}")))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

impl Credential {
    pub(super) fn of(dialect: &Dialect, key: &PlainKey) -> Result<Self> {
        let header = dialect.locations().iter().find_map(|location| match location {
            Location::Header { name, scheme } => Some((name, scheme)),
            Location::InsecureQuery { .. } => None,
        });
        let credential = header.and_then(|(name, scheme)| {
            let text = match scheme {
                Some(scheme) => format!("{scheme} {}", key.expose()),
                None => key.expose().to_owned(),
            };
            let mut value = HeaderValue::try_from(text).ok()?;
            value.set_sensitive(true);
            Some(Self { name: HeaderName::try_from(&**name).ok()?, value })
        });
        credential.ok_or_else(|| Failure::environment("the dialect takes no key in a header"))
    }
}
