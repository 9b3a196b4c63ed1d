//! From a request to its page.

use std::error::Error;
use std::net::IpAddr;

use http::header::{ALLOW, CONTENT_LENGTH, HeaderValue, RETRY_AFTER, SET_COOKIE};
use http::request::Parts;
use http::{Method, Request, StatusCode};
use http_body::Body;
use http_body_util::Full;
use keyward_core::audit::Origin;
use keyward_core::manage::KeyManager;
use keyward_core::verify;
use keyward_tower::{PeerAddr, RequestId};

use super::Shared;
use super::assets::asset;
use super::door::{Shut, Tried, Visitor};
use super::form::Form;
use super::pages::{self, Frame, Trouble};
use super::respond::{Page, file, guard, see_other};
use super::route::Route;
use super::seal::Nonce;
use super::shown;

/// Somebody who was let in, for one request.
pub(super) struct Visit<'s> {
    pub(super) shared: &'s Shared,
    pub(super) visitor: Visitor,
    /// Acts in their name, in their workspace.
    pub(super) manager: KeyManager,
}

impl Shared {
    pub(super) async fn serve<B>(&self, request: Request<B>) -> Page
    where
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let (head, body) = request.into_parts();
        let set = RequestId::of(&head.extensions);
        let id = set.map_or_else(|| self.manager.dialect().new_request_id(), |set| (*set).clone());
        let mut response = match self.answer(&head, body, &id).await {
            Ok(page) => page,
            Err(trouble) => self.trouble(&trouble, None),
        };
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            headers.insert("x-request-id", id);
        }
        shown::forget(&head, headers);
        guard(headers);
        if head.method == Method::HEAD {
            let length = response.body().size_hint().exact().unwrap_or_default();
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            *response.body_mut() = Full::default();
        }
        response
    }

    /// Where a request comes from, if anybody says so who may.
    fn client(&self, head: &Parts) -> Option<IpAddr> {
        PeerAddr::client(head, &self.proxies)
    }

    /// What a request from a page of another site gets.
    pub(super) fn forged(&self) -> Page {
        let mut response = self.trouble(&Trouble::Forged, None);
        guard(response.headers_mut());
        response
    }

    async fn answer<B>(
        &self,
        head: &Parts,
        body: B,
        id: &verify::RequestId,
    ) -> Result<Page, Trouble>
    where
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let below = head.uri.path().strip_prefix(&*self.path);
        let below = below.filter(|below| below.is_empty() || below.starts_with('/'));
        let route = below.and_then(Route::find);
        if let Some(Route::Asset(name)) = route {
            return asset(name).map(file).ok_or(Trouble::NoPage);
        }
        if let Some(route @ Route::SignIn) = &route {
            let form = if route.is_sent(&head.method)? {
                Some(Form::read(&head.headers, body).await?)
            } else {
                None
            };
            return self.sign_in(head, form).await;
        }
        let visitor = match self.door.admit(head).await {
            Ok(visitor) => visitor,
            Err(Shut::Refused) => return Err(Trouble::Refused),
            Err(Shut::Unavailable) => return Err(Trouble::Unavailable),
            Err(Shut::SignIn) => return Ok(self.to_sign_in(head)),
        };
        let request_id = Some(id.as_str().to_owned());
        let origin = Origin { address: self.client(head), request_id };
        let visit = Visit::new(self, visitor, origin).ok_or(Trouble::Refused)?;
        let done = match route {
            Some(route) => visit.answer(route, head, body).await,
            None => Err(Trouble::NoPage),
        };
        Ok(done.unwrap_or_else(|trouble| self.trouble(&trouble, Some(&visit))))
    }

    /// After that, where they wanted to go.
    fn to_sign_in(&self, head: &Parts) -> Page {
        let target = head.uri.path_and_query().map_or("", |target| target.as_str());
        let next = target.strip_prefix(&*self.path).filter(|_| head.method == Method::GET);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(next.filter(|next| next.len() > 1).map(|next| ("next", next)));
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        see_other(&format!("{}/sign-in{mark}{query}", self.path))
    }

    async fn sign_in(&self, head: &Parts, form: Option<Form>) -> Result<Page, Trouble> {
        let desk = self.door.desk().ok_or(Trouble::NoPage)?;
        let Some(form) = form else {
            let query = Form::of(head.uri.query().unwrap_or_default().as_bytes());
            return Ok(pages::sign_in(self, desk, query.get("next"), None));
        };
        let next = form.get("next");
        match desk.sign_in(self.client(head), form.get("secret").trim()).await {
            Tried::In(cookie) => {
                // Only below the dashboard's own path, whatever it says.
                let plain =
                    |byte: u8| byte.is_ascii_alphanumeric() || b"/?&=%+._~-".contains(&byte);
                let next = Some(next)
                    .filter(|next| next.starts_with(['/', '?']) && next.bytes().all(plain));
                let mut page = see_other(&format!("{}{}", self.path, next.unwrap_or_default()));
                page.headers_mut().insert(SET_COOKIE, cookie);
                Ok(page)
            }
            Tried::Unavailable => Err(Trouble::Unavailable),
            Tried::Wrong => {
                tracing::warn!(target: "keyward", "somebody failed to sign in to the dashboard");
                let wrong = "That is not right, or not good any more.";
                Ok(pages::sign_in(self, desk, next, Some((StatusCode::FORBIDDEN, wrong))))
            }
            Tried::TooMany => {
                let wait = "Too many tries were wrong. Wait a minute.";
                let fault = (StatusCode::TOO_MANY_REQUESTS, wait);
                let mut page = pages::sign_in(self, desk, next, Some(fault));
                page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
                Ok(page)
            }
        }
    }

    /// What went wrong, as a page, with the way on for whoever was let in.
    fn trouble(&self, trouble: &Trouble, visit: Option<&Visit<'_>>) -> Page {
        let frame = visit.map_or_else(|| Frame::outside(self), Visit::frame);
        let mut page = pages::trouble(frame, trouble, visit.is_some());
        if let Trouble::Method(allowed) = trouble {
            page.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        }
        if let Trouble::Unavailable = trouble {
            page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        page
    }
}

impl<'s> Visit<'s> {
    /// Nothing, for somebody of another workspace than the dashboard's.
    fn new(shared: &'s Shared, visitor: Visitor, origin: Origin) -> Option<Self> {
        let manager = shared.manager.acting_as(visitor.admin.creator.clone());
        let mut manager = manager.with_origin(origin);
        if let Some(workspace) = &visitor.admin.workspace {
            if manager.workspace().is_some_and(|own| own != workspace) {
                return None;
            }
            manager = manager.within(workspace);
        }
        Some(Self { shared, visitor, manager })
    }

    async fn answer<B>(&self, route: Route<'_>, head: &Parts, body: B) -> Result<Page, Trouble>
    where
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let form = if route.is_sent(&head.method)? {
            Some(Form::read(&head.headers, body).await?)
        } else {
            None
        };
        // A form of another session, or of another process of the same application.
        let sealed = match &form {
            Some(form) => Some(self.open(form).ok_or(Trouble::Forged)?),
            None => None,
        };
        let query = Form::of(head.uri.query().unwrap_or_default().as_bytes());
        let sent = form.as_ref().zip(sealed);
        match route {
            Route::List => pages::list(self, &query).await,
            Route::New => pages::create(self, &query, sent).await,
            Route::Hygiene => pages::hygiene(self, &query).await,
            Route::Secret(id) if head.method == Method::GET => pages::secret(self, &id).await,
            // A HEAD sees no secret, and takes none.
            Route::Key(id) | Route::Secret(id) => pages::key(self, &id, &query).await,
            Route::Edit(id) => pages::edit(self, &id, form.as_ref()).await,
            Route::Act(act, id) => pages::act(self, act, &id, sent).await,
            Route::SignOut => self.sign_out(head),
            Route::SignIn | Route::Asset(_) => Err(Trouble::NoPage),
        }
    }

    fn sign_out(&self, head: &Parts) -> Result<Page, Trouble> {
        let cookie = self.shared.door.desk().and_then(|desk| desk.sign_out(head));
        let mut page = see_other(&format!("{}/sign-in", self.shared.path));
        page.headers_mut().insert(SET_COOKIE, cookie.ok_or(Trouble::NoPage)?);
        Ok(page)
    }

    fn open(&self, form: &Form) -> Option<Nonce> {
        self.shared.sealer.open(&self.visitor.identity, form.get("seal"))
    }

    /// A token for a form of theirs.
    pub(super) fn seal(&self) -> String {
        self.shared.sealer.seal(&self.visitor.identity)
    }

    pub(super) fn frame(&self) -> Frame<'_> {
        Frame::inside(self)
    }

    /// A path of the dashboard.
    pub(super) fn at(&self, below: impl std::fmt::Display) -> String {
        format!("{}{below}", self.shared.path)
    }
}
