//! What does not spend: it passes as it comes, both ways, and is written down only where it reports something all the same.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};

use super::answer::Ending;
use super::call::Call;
use super::ending::kept;
use super::pass::{Stream, named, retriable, watched};
use super::{Proxy, headers, refuse};
use crate::domain::entry::{NO_MODEL, UsageSource};
use crate::domain::money::Nusd;
use crate::meter::RecordRequest;
use crate::providers::{self, Api, Dialect, Endpoint, Seen, Unmetered};

impl Proxy {
    /// Anything else that the provider serves: passed on as it comes, both ways. What it reports all the same is written
    /// down: an answer fetched again counts nowhere, anything else does.
    pub(super) async fn look(self: Arc<Self>, mut call: Call, body: Body) -> Response {
        let dialect = call.way.upstream.dialect;
        let does = providers::unmetered(&call.way.upstream.name, call.method.as_str(), &call.path);
        let body = match self.may_look(&call, &does, body).await {
            Ok(body) => body,
            Err(refusal) => return *refusal,
        };
        if !call.caller.swap(&self.app, &call.way.upstream, &mut call.headers, call.query.as_deref()).await {
            let sentence = format!("No key of {} is kept for calls with a Spendlight key.", call.way.upstream.name);
            return refuse::refusal(dialect, StatusCode::UNAUTHORIZED, "no_provider_key", &sentence);
        }
        let name = call.way.upstream.name.clone();
        let call_id = call.said.call_id.clone().unwrap_or_else(|| self.app.meter.new_call_id());
        let stored = matches!(does, Unmetered::Stored | Unmetered::Response(_));
        let reports = call.method == Method::POST || (stored && call.method == Method::GET);
        let deletes = call.method == Method::DELETE;
        let mut entry = RecordRequest { call_id: Some(call_id.clone()), ..call.record(NO_MODEL.to_owned()) };
        let since = self.app.meter.now();
        let request = match call.into_request(body) {
            Ok(request) => request,
            Err(problem) => return named(refuse::problem(dialect, &problem), &call_id),
        };
        let response = match self.upstreams.send(request).await {
            Ok(response) => response,
            Err(e) => {
                let sentence = format!("{name} cannot be reached: {e}.");
                let refusal = refuse::refusal(dialect, StatusCode::BAD_GATEWAY, "upstream_unreachable", &sentence);
                return named(retriable(refusal), &call_id);
            }
        };
        if let Unmetered::Response(id) = &does
            && (response.status() == StatusCode::NOT_FOUND || (deletes && response.status().is_success()))
        {
            self.background.gone(&name, id);
        }
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let readable = kind.starts_with("application/json") || kind.starts_with("text/event-stream");
        if !reports || !readable || !response.status().is_success() {
            let (mut parts, body) = response.into_parts();
            headers::for_client(&mut parts.headers);
            return named(Response::from_parts(parts, Body::new(body)), &call_id);
        }
        if let Unmetered::Response(id) = &does {
            self.background.follows(&name, id);
        }
        let status = response.status().as_u16();
        entry.status = Some(status);
        entry.latency_ms = u64::try_from((self.app.meter.now() - since).num_milliseconds()).ok();
        let api = if dialect == Dialect::Gemini { Api::Generate } else { Api::Responses };
        let endpoint = Endpoint { dialect, api, model: None, streams: false };
        let (proxy, provider) = (Arc::clone(&self), name.clone());
        let tell = move |seen: Seen| {
            if let Unmetered::Response(id) = &does {
                proxy.background.asked(&provider, id, &seen, status);
            }
            proxy.tell(entry, seen, stored);
        };
        named(watched(response, &name, &endpoint, Ending::Tell(Box::new(tell)), Stream::default()), &call_id)
    }

    /// Writes down what an answer reports that nobody knew would report anything.
    fn tell(&self, entry: RecordRequest, seen: Seen, fetched: bool) {
        // A batch that was begun reports zeros; of a cache, zeros are all that Gemini reports.
        let tells = |reported: &providers::Reported| reported.usage.total_tokens() > 0 || reported.kind == "cache";
        let Some(reported) = seen.reported.filter(tells) else { return };
        let entry = RecordRequest {
            model: seen.model.map_or_else(|| entry.model.clone(), |model| kept(&model)),
            service_tier: seen.service_tier.as_deref().map(kept),
            usage_source: if reported.guessed { UsageSource::Estimated } else { UsageSource::Reported },
            reported: reported.into(),
            cost: fetched.then_some(Nusd::ZERO),
            ok: !seen.failed,
            ..entry
        };
        if fetched {
            self.note(entry);
        } else if let Err(e) = self.app.meter.record_later(entry) {
            tracing::warn!("a call is not written down: {e}");
        }
    }
}
