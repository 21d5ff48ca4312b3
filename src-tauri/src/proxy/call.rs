//! A call that has come in: whose it is, where it goes, and the request as it goes there.

use axum::body::Body;
use http::request::Parts;
use http::{HeaderMap, Method, Request};

use super::attribution::Attribution;
use super::front::Way;
use super::headers;
use super::keys::{Caller, without_ours};
use crate::domain::entry::{Source, UsageSource};
use crate::http::{App, Owner, Problem};
use crate::meter::{RecordRequest, Reported};

/// What a call has with it that everything on its way needs.
pub struct Call {
    pub way: Way,
    pub caller: Caller,
    pub said: Attribution,
    pub method: Method,
    /// The path after the provider's name, as it came.
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
}

impl Call {
    /// Reads whose a call is; `path` is what stands after the provider's name.
    ///
    /// # Errors
    /// A key that is not good, or a header that says what cannot be.
    pub fn read(app: &App, mut way: Way, parts: Parts, path: String) -> Result<Call, Problem> {
        let owner = parts.extensions.get::<Owner>().is_some();
        let caller = Caller::of(app, way.key.take().as_deref(), &parts.headers, &parts.uri, owner)?;
        let mut said = Attribution::read(&parts.headers, way.project.take())?;
        if let (None, Some(key)) = (&said.project, &caller.key) {
            said.project.clone_from(&key.project);
        }
        let query = parts.uri.query().map(str::to_owned);
        Ok(Call { way, caller, said, method: parts.method, path, query, headers: parts.headers })
    }

    /// What is known of the call before it is made.
    pub fn record(&self, model: String) -> RecordRequest {
        let said = &self.said;
        RecordRequest {
            call_id: None,
            provider: self.way.upstream.name.clone(),
            model,
            reported: Reported::default(),
            usage_source: UsageSource::Reported,
            cost: None,
            at: None,
            latency_ms: None,
            ok: true,
            status: None,
            error: None,
            service_tier: None,
            batch: false,
            project: said.project.clone(),
            session: said.session.clone(),
            user: said.user.clone(),
            operation: said.operation.clone(),
            key: self.caller.key.as_ref().map(|key| key.id.clone()),
            tags: said.tags.clone(),
            source: Source::Proxy,
        }
    }

    /// The request as it goes upstream.
    pub fn into_request(self, body: Body) -> Result<Request<Body>, Problem> {
        let Call { way, method, mut path, query, mut headers, .. } = self;
        if let Some(query) = query.as_deref().map(without_ours).filter(|query| !query.is_empty()) {
            path.push('?');
            path.push_str(&query);
        }
        let no_address = |_| Problem::bad_request("The path is none that can be passed on.");
        headers::for_upstream(&mut headers);
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = way.upstream.uri(&path).map_err(no_address)?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}
