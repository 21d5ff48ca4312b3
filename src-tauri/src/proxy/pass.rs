//! One call's walk through the proxy, and the refusals on the way.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::answer::{Answer, Ending, Watching, decoded};
use super::attribution::Attribution;
use super::decode::Encoding;
use super::ending::kept;
use super::front::Way;
use super::keys::{Caller, without_ours};
use super::upstream::NoAnswer;
use super::{Proxy, headers, refuse};
use crate::domain::entry::{Source, UsageSource};
use crate::domain::money::Nusd;
use crate::domain::usage::COUNT_MAX;
use crate::http::{Owner, Problem};
use crate::meter::{
    About, Admission, CheckRequest, Held, MeterError, Reason, RecordRequest, Reported, Settlement, Spent,
};
use crate::providers::{self, Api, Asked, Dialect, Endpoint, Seen, UsageChunk, Watch, Without};

/// The largest body of a call that spends: what it asks for must be read before any of it goes. Others pass as they come.
const BODY_BYTES_MAX: usize = 128 * 1024 * 1024;

/// From this size on, reading what a request asks for would keep others waiting.
const LONG_BYTES: usize = 256 * 1024;

/// How many answers one call may be held for.
const N_MAX: u64 = 1_000;

/// What a call is named that names no model, and whose API has none by itself.
const NO_MODEL: &str = "unspecified";

/// What a call has with it that everything on its way needs.
struct Call {
    way: Way,
    caller: Caller,
    said: Attribution,
    method: Method,
    /// The path after the provider's name, as it came.
    path: String,
    query: Option<String>,
    headers: HeaderMap,
}

impl Proxy {
    /// Passes a call on, or refuses it.
    pub async fn pass(self: Arc<Self>, way: Way, request: Request<Body>) -> Response {
        let dialect = way.upstream.dialect;
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().get(way.ours..).unwrap_or_default().to_owned();
        let endpoint = providers::endpoint(dialect, parts.method.as_str(), &path);
        let spoken = endpoint.as_ref().map_or(dialect, |endpoint| endpoint.dialect);
        let call = match self.call(way, parts, path) {
            Ok(call) => call,
            Err(problem) => return refuse::problem(spoken, &problem),
        };
        if call.headers.contains_key(UPGRADE) {
            let sentence = "Spendlight passes on HTTP alone, no WebSocket: use the same API over HTTP.";
            return refuse::refusal(spoken, StatusCode::NOT_IMPLEMENTED, "no_websocket", sentence);
        }
        match endpoint {
            Some(endpoint) => self.spend(call, endpoint, body).await,
            None => self.look(call, body).await,
        }
    }

    fn call(&self, mut way: Way, parts: Parts, path: String) -> Result<Call, Problem> {
        let owner = parts.extensions.get::<Owner>().is_some();
        let caller = Caller::of(&self.app, way.key.take().as_deref(), &parts.headers, &parts.uri, owner)?;
        let mut said = Attribution::read(&parts.headers, way.project.take())?;
        if let (None, Some(key)) = (&said.project, &caller.key) {
            said.project.clone_from(&key.project);
        }
        let query = parts.uri.query().map(str::to_owned);
        Ok(Call { way, caller, said, method: parts.method, path, query, headers: parts.headers })
    }

    /// A call that spends: held, passed on, settled.
    async fn spend(self: Arc<Self>, mut call: Call, endpoint: Endpoint, body: Body) -> Response {
        let dialect = endpoint.dialect;
        let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(e) if e.is::<LengthLimitError>() => {
                return refuse::problem(dialect, &Problem::too_large(BODY_BYTES_MAX));
            }
            Err(_) => return refuse::problem(dialect, &Problem::bad_request("The body broke off.")),
        };
        let asked = match asked(&endpoint, &call.headers, &body).await {
            Ok(asked) => asked,
            Err(problem) => return refuse::problem(dialect, &problem),
        };
        let model = endpoint.model.clone().or_else(|| asked.model.clone());
        let model = model.unwrap_or_else(|| own_model(endpoint.api).to_owned());
        if let Some(key) = &call.caller.key
            && let Err(refused) = key.admit(&model)
        {
            return refuse::problem(dialect, &refused.into());
        }
        let mut held = match self.admit(&call, &endpoint, &asked, kept(&model)).await {
            Ok(held) => held,
            Err(refusal) => return *refusal,
        };
        let refused = |held: Held, status, error: &str, code, sentence: &str| {
            let call_id = held.call_id().to_owned();
            held.settle(nothing(error));
            named(refuse::refusal(dialect, status, code, sentence), &call_id)
        };
        if !call.caller.swap(&self.app, &call.way.upstream, &mut call.headers, call.query.as_deref()).await {
            let name = &call.way.upstream.name;
            let sentence = format!(
                "No key of {name} is kept for calls with a Spendlight key: store one in Settings, Keys, or with \
                 `spendlight provider-keys set {name}`."
            );
            return refused(held, StatusCode::UNAUTHORIZED, "refused: no provider key", "no_provider_key", &sentence);
        }
        let added = match asked.streams && asked.usage_chunk == UsageChunk::Addable && self.app.meter.adds_usage() {
            true if !call.headers.contains_key(CONTENT_ENCODING) => providers::with_usage(&body),
            _ => None,
        };
        if added.is_some() {
            // The chunk can only be taken out again of what can be read.
            call.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let adds = added.is_some();
        let body = added.map_or(body, Bytes::from);
        let name = call.way.upstream.name.clone();
        let request = match call.into_request(Body::from(body)) {
            Ok(request) => request,
            Err(problem) => {
                let call_id = held.call_id().to_owned();
                held.settle(nothing("refused: no such address"));
                return named(refuse::problem(dialect, &problem), &call_id);
            }
        };
        held.goes();
        let response = match self.upstreams.send(request).await {
            Ok(response) => response,
            Err(e) => {
                let call_id = held.call_id().to_owned();
                let sentence = format!("{name} cannot be reached: {e}.");
                held.settle(match e {
                    NoAnswer::Unreached(_) => nothing("unreachable: the provider could not be reached"),
                    NoAnswer::Broken(_) => {
                        let spent = Spent::Unreported { output_tokens: 0 };
                        let error = "interrupted: the connection broke before an answer came";
                        Settlement { spent, ..nothing(error) }
                    }
                });
                let refusal = refuse::refusal(dialect, StatusCode::BAD_GATEWAY, "upstream_unreachable", &sentence);
                return named(retriable(refusal), &call_id);
            }
        };
        let call_id = held.call_id().to_owned();
        let answer = watched(response, &name, &endpoint, Ending::Settle(Box::new(held)), adds);
        named(answer, &call_id)
    }

    async fn admit(
        &self,
        call: &Call,
        endpoint: &Endpoint,
        asked: &Asked,
        model: String,
    ) -> Result<Held, Box<Response>> {
        let (name, said) = (&call.way.upstream.name, &call.said);
        let usual = || self.app.meter.typical_output(name, &model);
        let output = if endpoint.api.has_no_output() { 0 } else { asked.max_output_tokens.unwrap_or_else(usual) };
        let borrowed = |text: &Option<String>| text.clone().map(Cow::Owned);
        let request = CheckRequest {
            provider: Cow::Borrowed(name),
            model: Cow::Borrowed(&model),
            project: borrowed(&said.project),
            user: borrowed(&said.user),
            key: call.caller.key.as_ref().map(|key| Cow::Owned(key.id.clone())),
            input_tokens: Some(asked.input_tokens.min(COUNT_MAX)),
            max_output_tokens: Some(output.min(COUNT_MAX)),
            service_tier: asked.service_tier.as_deref().map(|tier| Cow::Owned(kept(tier))),
            n: asked.n.clamp(1, N_MAX),
            call_id: borrowed(&said.call_id),
            writes_cache: asked.writes_cache,
            audio: asked.audio,
            ..CheckRequest::default()
        };
        let about = About { session: said.session.clone(), operation: said.operation.clone(), tags: said.tags.clone() };
        match self.app.meter.admit(&request, about).await {
            Ok(Admission::Held(held)) => Ok(held),
            Ok(Admission::Denied(verdict)) => {
                let Some(denial) = verdict.denial else {
                    return Err(Box::new(StatusCode::BAD_GATEWAY.into_response()));
                };
                let refusal = refuse::denied(endpoint.dialect, &denial);
                self.note_denied(call, &model, &verdict.call_id, &refuse::why(&denial), refusal.status());
                Err(Box::new(named(refusal, &verdict.call_id)))
            }
            // The one field that a user, not the client, can be wrong about.
            Err(MeterError::Invalid { field, .. }) if field == "provider" => {
                let call_id = said.call_id.clone().unwrap_or_else(|| self.app.meter.new_call_id());
                let sentence = format!(
                    "No price is known for anything of {name}: set one in Settings, Prices, or in config.toml, with zeros \
                     where it costs nothing."
                );
                let (status, code) = (StatusCode::PAYMENT_REQUIRED, refuse::word(Reason::PriceUnknown));
                self.note_denied(call, &model, &call_id, code, status);
                Err(Box::new(named(refuse::refusal(endpoint.dialect, status, code, &sentence), &call_id)))
            }
            Err(e) => Err(Box::new(refuse::problem(endpoint.dialect, &Problem::from(e)))),
        }
    }

    fn note_denied(&self, call: &Call, model: &str, call_id: &str, why: &str, status: StatusCode) {
        self.note(RecordRequest {
            call_id: Some(call_id.to_owned()),
            cost: Some(Nusd::ZERO),
            ok: false,
            status: Some(status.as_u16()),
            error: Some(format!("denied: {why}")),
            ..call.record(model.to_owned())
        });
    }

    fn note(&self, entry: RecordRequest) {
        if let Err(e) = self.app.meter.note(entry) {
            tracing::warn!("a call that did not count is not written down: {e}");
        }
    }

    /// Anything else that the provider serves: passed on as it comes, both ways. What it reports all the same is written
    /// down: an answer fetched again counts nowhere, anything else does.
    async fn look(self: Arc<Self>, mut call: Call, body: Body) -> Response {
        let dialect = call.way.upstream.dialect;
        if !call.caller.swap(&self.app, &call.way.upstream, &mut call.headers, call.query.as_deref()).await {
            let sentence = format!("No key of {} is kept for calls with a Spendlight key.", call.way.upstream.name);
            return refuse::refusal(dialect, StatusCode::UNAUTHORIZED, "no_provider_key", &sentence);
        }
        let name = call.way.upstream.name.clone();
        let call_id = call.said.call_id.clone().unwrap_or_else(|| self.app.meter.new_call_id());
        let fetched = call.method == Method::GET;
        let stored = fetched && call.path.to_ascii_lowercase().contains("/responses/");
        let reports = stored || call.method == Method::POST;
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
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let readable = kind.starts_with("application/json") || kind.starts_with("text/event-stream");
        if !reports || !readable || !response.status().is_success() {
            let (mut parts, body) = response.into_parts();
            headers::for_client(&mut parts.headers);
            return named(Response::from_parts(parts, Body::new(body)), &call_id);
        }
        entry.status = Some(response.status().as_u16());
        entry.latency_ms = u64::try_from((self.app.meter.now() - since).num_milliseconds()).ok();
        let api = if dialect == Dialect::Gemini { Api::Generate } else { Api::Responses };
        let endpoint = Endpoint { dialect, api, model: None, streams: false };
        let proxy = Arc::clone(&self);
        let tell = move |seen: Seen| proxy.tell(entry, seen, fetched);
        named(watched(response, &name, &endpoint, Ending::Tell(Box::new(tell)), false), &call_id)
    }

    /// Writes down what an answer reports that nobody knew would report anything.
    fn tell(&self, entry: RecordRequest, seen: Seen, fetched: bool) {
        // A batch that was begun reports zeros; of a cache, zeros are all that Gemini reports.
        let tells = |reported: &providers::Reported| reported.usage.total_tokens() > 0 || reported.kind == "cache";
        let Some(reported) = seen.reported.filter(tells) else { return };
        let entry = RecordRequest {
            model: seen.model.unwrap_or_else(|| entry.model.clone()),
            service_tier: seen.service_tier,
            reported: Reported { usage: reported.usage, parts: reported.parts },
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

impl Call {
    /// What is known of the call before it is made.
    fn record(&self, model: String) -> RecordRequest {
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
    fn into_request(self, body: Body) -> Result<Request<Body>, Problem> {
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

/// Reads what a request asks for.
async fn asked(endpoint: &Endpoint, headers: &HeaderMap, body: &Bytes) -> Result<Asked, Problem> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (kind, encoding) = (text(CONTENT_TYPE), text(CONTENT_ENCODING));
    let (endpoint, body) = (endpoint.clone(), body.clone());
    let long = body.len() >= LONG_BYTES;
    let read = move || {
        // What cannot be read is weighed by its size.
        let plain = decoded(encoding.as_deref(), &body, BODY_BYTES_MAX).unwrap_or_else(|| body.clone());
        providers::asked(&endpoint, kind.as_deref(), &plain)
    };
    if long {
        let unread = |_| Problem::bad_request("What the request asks for could not be read.");
        tokio::task::spawn_blocking(read).await.map_err(unread)
    } else {
        Ok(read())
    }
}

/// The answer, watched on its way.
fn watched(
    response: http::Response<hyper::body::Incoming>,
    provider: &str,
    endpoint: &Endpoint,
    ending: Ending,
    adds_usage: bool,
) -> Response {
    let (mut parts, body) = response.into_parts();
    headers::for_client(&mut parts.headers);
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let kind = text(CONTENT_TYPE);
    let watch = Watch::new(provider, endpoint, kind, parts.status.as_u16());
    let encoding = Encoding::of(text(CONTENT_ENCODING));
    // An error comes whole, and what cannot be read passes as it is.
    let events = kind.is_some_and(|kind| kind.trim_start().starts_with("text/event-stream"));
    let without = (adds_usage && events && !matches!(encoding, Encoding::Unknown)).then(Without::new);
    if without.is_some() {
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(CONTENT_ENCODING);
    }
    let watching = Watching { watch, status: parts.status.as_u16(), encoding, ending };
    Response::from_parts(parts, Body::new(Answer::new(body, watching, without)))
}

/// The model that answers where a request names none. Source: OpenAI's API reference.
fn own_model(api: Api) -> &'static str {
    match api {
        Api::Moderations => "omni-moderation-latest",
        Api::Images => "dall-e-2",
        _ => NO_MODEL,
    }
}

/// A call that has spent nothing.
fn nothing(error: &str) -> Settlement {
    let error = Some(error.to_owned());
    Settlement { spent: Spent::Nothing, model: None, service_tier: None, ok: false, status: None, error }
}

fn named(mut response: Response, call_id: &str) -> Response {
    refuse::name(response.headers_mut(), call_id);
    response
}

/// What may go well the next time.
fn retriable(mut response: Response) -> Response {
    response.headers_mut().remove(crate::http::SHOULD_RETRY);
    response
}
