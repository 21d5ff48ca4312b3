//! One call's walk through the proxy, and the refusals on the way.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, UPGRADE};
use http::{Request, StatusCode};

use super::answer::{Answer, Ending, Watching};
use super::body::{asked, whole};
use super::call::Call;
use super::decode::Encoding;
use super::ending::kept;
use super::front::Way;
use super::upstream::NoAnswer;
use super::{Proxy, headers, refuse};
use crate::domain::entry::{DENIED, NO_MODEL};
use crate::domain::money::Nusd;
use crate::domain::usage::COUNT_MAX;
use crate::http::Problem;
use crate::meter::{About, Admission, CheckRequest, Held, RecordRequest, Settlement, Spent};
use crate::providers::{self, Api, Asked, Dialect, Endpoint, UsageChunk, Watch, Without};

/// How many answers one call may be held for.
const N_MAX: u64 = 1_000;

impl Proxy {
    /// Passes a call on, or refuses it. Every answer names its call, even of one that never came to be.
    pub async fn pass(self: Arc<Self>, way: Way, request: Request<Body>) -> Response {
        let proxy = Arc::clone(&self);
        let response = self.answer(way, request).await;
        match response.headers().contains_key(refuse::CALL_ID) {
            true => response,
            false => named(response, &proxy.app.meter.new_call_id()),
        }
    }

    async fn answer(self: Arc<Self>, way: Way, request: Request<Body>) -> Response {
        let dialect = way.upstream.dialect;
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().get(way.ours..).unwrap_or_default().to_owned();
        let endpoint = providers::endpoint(dialect, parts.method.as_str(), &path);
        let spoken = endpoint.as_ref().map_or(dialect, |endpoint| endpoint.dialect);
        let call = match Call::read(&self.app, way, parts, path) {
            Ok(call) => call,
            Err(problem) => return refuse::problem(spoken, &problem),
        };
        // Some clients offer HTTP/2 with every request: that is not taken up, and does no harm.
        if call.headers.get_all(UPGRADE).iter().any(names_websocket) {
            let sentence = "Spendlight passes on HTTP alone, no WebSocket: use the same API over HTTP.";
            return refuse::refusal(spoken, StatusCode::NOT_IMPLEMENTED, "no_websocket", sentence);
        }
        match endpoint {
            Some(endpoint) => self.spend(call, endpoint, body).await,
            None => self.look(call, body).await,
        }
    }

    /// A call that spends: held, passed on, settled.
    async fn spend(self: Arc<Self>, mut call: Call, endpoint: Endpoint, body: Body) -> Response {
        let dialect = endpoint.dialect;
        let body = match whole(body).await {
            Ok(body) => body,
            Err(problem) => return refuse::problem(dialect, &problem),
        };
        let asked = match asked(&endpoint, &call.headers, &body).await {
            Ok(asked) => asked,
            Err(problem) => return refuse::problem(dialect, &problem),
        };
        let model = endpoint.model.clone().or_else(|| asked.model.clone());
        let model = model.unwrap_or_else(|| own_model(endpoint.api).to_owned());
        if let Some(key) = &call.caller.key {
            let beside = asked.beside.as_ref().and_then(|part| part.model.as_deref());
            let mut models = std::iter::once(model.as_str()).chain(beside);
            if let Err(refused) = models.try_for_each(|model| key.admit(model)) {
                return self.refused_by_key(&call, dialect, &model, &refused.into());
            }
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
        let may_add = asked.streams
            && asked.usage_chunk == UsageChunk::Addable
            && self.app.meter.adds_usage()
            && !providers::refuses_stream_options(&call.way.upstream.name)
            && !call.headers.contains_key(CONTENT_ENCODING);
        let added = if may_add { providers::with_usage(&body) } else { None };
        if added.is_some() {
            // The chunk can only be taken out again of what can be read.
            call.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let stream = Stream { adds_usage: added.is_some(), goes_on: asked.background };
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
        let answer =
            watched(response, &name, &endpoint, Ending::Settle(Box::new(held), Arc::clone(&self.background)), stream);
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
            proxied: true,
            n: asked.n.clamp(1, N_MAX),
            call_id: borrowed(&said.call_id),
            writes_cache: asked.writes_cache,
            audio: asked.audio,
            units: asked.units.iter().map(|(unit, count)| (unit.clone(), (*count).min(COUNT_MAX))).collect(),
            beside: asked.beside.clone(),
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
            Err(e) => Err(Box::new(refuse::problem(endpoint.dialect, &Problem::from(e)))),
        }
    }

    /// Refuses a call whose key may not use its model, and writes it down.
    pub(super) fn refused_by_key(&self, call: &Call, dialect: Dialect, model: &str, problem: &Problem) -> Response {
        let refusal = refuse::problem(dialect, problem);
        let call_id = call.said.call_id.clone().unwrap_or_else(|| self.app.meter.new_call_id());
        self.note_denied(call, &kept(model), &call_id, "key_refused", refusal.status());
        named(refusal, &call_id)
    }

    /// Writes a call down as denied.
    pub(super) fn note_denied(&self, call: &Call, model: &str, call_id: &str, why: &str, status: StatusCode) {
        self.note(RecordRequest {
            call_id: Some(call_id.to_owned()),
            cost: Some(Nusd::ZERO),
            ok: false,
            status: Some(status.as_u16()),
            error: Some(format!("{DENIED}{why}")),
            ..call.record(model.to_owned())
        });
    }

    pub(super) fn note(&self, entry: RecordRequest) {
        if let Err(e) = self.app.meter.note(entry) {
            tracing::warn!("a call that did not count is not written down: {e}");
        }
    }
}

/// Whether a WebSocket is among the protocols of an offer, each of which may have a version (RFC 9110, 7.8).
fn names_websocket(offer: &HeaderValue) -> bool {
    let protocols = offer.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let mut names = protocols.map(|protocol| protocol.split(|byte| *byte == b'/').next().unwrap_or_default());
    names.any(|name| name.eq_ignore_ascii_case(b"websocket"))
}

/// What is to be known of an answer before it comes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stream {
    /// It reports usage that its client did not ask for.
    adds_usage: bool,
    /// The provider was asked to go on by itself when it is over.
    goes_on: bool,
}

/// The answer, watched on its way.
pub(super) fn watched(
    response: http::Response<hyper::body::Incoming>,
    provider: &str,
    endpoint: &Endpoint,
    ending: Ending,
    stream: Stream,
) -> Response {
    let Stream { adds_usage, goes_on } = stream;
    let (mut parts, body) = response.into_parts();
    headers::for_client(&mut parts.headers);
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let kind = text(CONTENT_TYPE);
    let mut watch = Watch::new(provider, endpoint, kind, parts.status.as_u16());
    if goes_on {
        watch.goes_on();
    }
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

pub(super) fn named(mut response: Response, call_id: &str) -> Response {
    refuse::name(response.headers_mut(), call_id);
    response
}

/// What may go well the next time.
pub(super) fn retriable(mut response: Response) -> Response {
    response.headers_mut().remove(crate::http::SHOULD_RETRY);
    response
}
