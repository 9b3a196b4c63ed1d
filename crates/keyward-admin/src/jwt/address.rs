use std::net::IpAddr;

use bytes::Bytes;
use http::header::{ACCEPT, HeaderValue, USER_AGENT};
use http::uri::Scheme;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs;

use super::error::{FetchError, JwtConfigError};
use super::keyset::{KeySet, MOST_BYTES};

/// A JWKS at an address.
#[derive(Debug)]
pub(super) struct JwksAddress {
    uri: Uri,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl JwksAddress {
    pub(super) fn at(url: &str) -> Result<Self, JwtConfigError> {
        let uri: Uri = url.parse().map_err(|error| no_url().with_source(error))?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(no_url)?;
        let is_http_here = uri.scheme() == Some(&Scheme::HTTP) && is_this_machine(host);
        if uri.scheme() != Some(&Scheme::HTTPS) && !is_http_here {
            return Err(JwtConfigError::new(
                "fetch the JWKS over https: whoever can change it on its way can sign tokens \
                 (http is taken for this machine alone, such as http://127.0.0.1:8080/jwks.json)",
            ));
        }
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(aws_lc_rs::default_provider())
            .map_err(|error| {
                JwtConfigError::new(
                    "this machine has no certificates to trust an https server by: install them \
                     (`ca-certificates` on Debian), or name their file in SSL_CERT_FILE",
                )
                .with_source(error)
            })?
            .https_or_http()
            .enable_http1()
            .build();
        // An idle connection would not live until the next question.
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Self { uri, client })
    }

    /// Gets the keys. Redirects are not followed.
    pub(super) async fn fetch(&self) -> Result<KeySet, FetchError> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("keyward"));
        let response = self.client.request(request).await;
        let response = response.map_err(|error| FetchError::Unreachable(error.into()))?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                FetchError::TooLarge
            } else {
                FetchError::Unreachable(error)
            }
        })?;
        KeySet::parse(&body.to_bytes())
    }

    /// For the log: a path or query may hold a secret.
    pub(super) fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }
}

fn no_url() -> JwtConfigError {
    JwtConfigError::new(
        "the JWKS has no address: write one such as https://example.com/.well-known/jwks.json",
    )
}

fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
