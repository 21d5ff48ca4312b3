//! `POST /v1/record`: this call went. `POST /v1/release`: it did not.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json_borrow::Value;
use utoipa::ToSchema;

use super::app::App;
use super::body::{LargeBody, SmallBody, json_with, parse};
use super::caller::{Caller, KEY_WORDS};
use super::fields::{self, Count, Text, Time};
use super::problem::Problem;
use super::wire::{EntryBody, StandingBody};
use crate::domain::entry::{Source, UsageSource};
use crate::domain::money::Nusd;
use crate::domain::usage::Usage;
use crate::meter::{RecordRequest, Recorded, Reported};
use crate::providers::{self, Unreadable};

/// By which our own command line says that it is one.
pub const SOURCE: &str = "x-spendlight-source";

/// A value for as long as the body is there: `Value` is read for exactly the body's lifetime, not for a shorter one.
fn borrowed<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value<'a>>, D::Error> {
    Option::<Value<'de>>::deserialize(deserializer)
}

/// A call that was made: its counts, or the provider's own response, which is read for them and not kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = String, example = "openai")]
    provider: Text<'a>,
    /// May be left out where `response` names it; the response's own word counts.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, example = "gpt-5-mini")]
    model: Option<Text<'a>>,
    /// All of the input, cache reads and writes included.
    #[schema(value_type = Option<u64>)]
    input_tokens: Option<Count>,
    /// All of the output, reasoning included.
    #[schema(value_type = Option<u64>)]
    output_tokens: Option<Count>,
    #[schema(value_type = Option<u64>)]
    cache_read_tokens: Option<Count>,
    #[schema(value_type = Option<u64>)]
    cache_write_tokens: Option<Count>,
    #[schema(value_type = Option<u64>)]
    reasoning_tokens: Option<Count>,
    /// The provider's own JSON response, in place of the counts.
    #[serde(borrow, default, deserialize_with = "borrowed")]
    #[schema(value_type = Option<Object>)]
    response: Option<Value<'a>>,
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    call_id: Option<Text<'a>>,
    /// The cost, where the caller knows it; else it is priced.
    #[schema(value_type = Option<f64>)]
    cost_usd: Option<Nusd>,
    /// When it was made; now where it is not given, at most 5 minutes ahead.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Time>,
    #[schema(value_type = Option<u64>)]
    latency_ms: Option<Count>,
    ok: Option<bool>,
    /// The provider's HTTP status.
    status: Option<u64>,
    error: Option<String>,
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    service_tier: Option<Text<'a>>,
    /// Whether it went through the provider's batch API.
    batch: Option<bool>,
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    project: Option<Text<'a>>,
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    session: Option<Text<'a>>,
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    user: Option<Text<'a>>,
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    operation: Option<Text<'a>>,
    tags: Option<BTreeMap<String, String>>,
}

/// What a record says of its usage, from either source.
#[derive(Default)]
struct Said {
    reported: Reported,
    usage_source: UsageSource,
    model: Option<String>,
    service_tier: Option<String>,
    failed: bool,
}

impl RecordBody<'_> {
    pub fn into_request(self, caller: &Caller) -> Result<RecordRequest, Problem> {
        let provider = fields::provider(self.provider.clone())?.into_owned();
        let said = self.said(&provider)?;
        let owned = |field, text| fields::optional(field, text).map(|text| text.map(std::borrow::Cow::into_owned));
        let model = match (said.model, self.model) {
            (Some(model), _) => fields::required("response.model", Text(model.into()))?.into_owned(),
            (None, Some(model)) => fields::required("model", model)?.into_owned(),
            (None, None) => return Err(Problem::field("model", "is missing")),
        };
        Ok(RecordRequest {
            call_id: fields::call_id(self.call_id)?.map(std::borrow::Cow::into_owned),
            provider,
            model,
            reported: said.reported,
            usage_source: said.usage_source,
            cost: fields::cost(self.cost_usd)?,
            at: self.at.map(|Time(at)| at),
            latency_ms: self.latency_ms.map(|count| count.0),
            ok: self.ok.unwrap_or(!said.failed),
            status: self
                .status
                .map(|status| fields::within("status", status, 100..=599))
                .transpose()?
                .and_then(|status| u16::try_from(status).ok()),
            error: fields::error_text(self.error),
            service_tier: owned("service_tier", self.service_tier)?.or(said.service_tier),
            batch: self.batch.unwrap_or(false),
            project: owned("project", self.project)?.or_else(|| caller.project().map(str::to_owned)),
            session: owned("session", self.session)?,
            user: owned("user", self.user)?,
            operation: owned("operation", self.operation)?,
            key: caller.id().map(str::to_owned),
            tags: fields::tags(self.tags)?,
            source: Source::Api,
        })
    }

    fn said(&self, provider: &str) -> Result<Said, Problem> {
        match &self.response {
            Some(response) => self.read(provider, response),
            None => self.counts(),
        }
    }

    fn counts(&self) -> Result<Said, Problem> {
        let count = |count: Option<Count>| count.map_or(0, |count| count.0);
        // A call that failed, and one whose caller knows its cost, may have no tokens; all others do.
        if self.ok.unwrap_or(true) && self.cost_usd.is_none() {
            for (field, count) in [("input_tokens", self.input_tokens), ("output_tokens", self.output_tokens)] {
                if count.is_none() {
                    return Err(Problem::field(field, "is missing: send the counts, or the provider's response"));
                }
            }
        }
        let usage = Usage {
            input_tokens: count(self.input_tokens),
            output_tokens: count(self.output_tokens),
            cache_read_tokens: count(self.cache_read_tokens),
            cache_write_tokens: count(self.cache_write_tokens),
            reasoning_tokens: count(self.reasoning_tokens),
            details: BTreeMap::new(),
        };
        usage.check().map_err(|e| Problem::field(e.field, e.problem))?;
        Ok(Said { reported: Reported::usage(usage), ..Said::default() })
    }

    fn read(&self, provider: &str, response: &Value<'_>) -> Result<Said, Problem> {
        let counts = [
            ("input_tokens", self.input_tokens),
            ("output_tokens", self.output_tokens),
            ("cache_read_tokens", self.cache_read_tokens),
            ("cache_write_tokens", self.cache_write_tokens),
            ("reasoning_tokens", self.reasoning_tokens),
        ];
        if let Some((field, _)) = counts.into_iter().find(|(_, count)| count.is_some()) {
            return Err(Problem::field(field, "must not be given beside response, which is read for it"));
        }
        match providers::from_response(provider, response) {
            Ok(read) => Ok(Said {
                usage_source: if read.guessed { UsageSource::Estimated } else { UsageSource::Reported },
                model: read.model.clone(),
                service_tier: read.service_tier.clone(),
                reported: read.into(),
                failed: false,
            }),
            // A provider's error reports no usage and costs nothing, but it happened.
            Err(Unreadable::NoUsage) if self.ok == Some(false) || !response.get("error").is_null() => {
                Ok(Said { failed: true, ..Said::default() })
            }
            Err(Unreadable::NoUsage) => Err(Problem::field("response", "reports no usage: send the counts instead")),
            Err(Unreadable::Malformed { field, reason }) => Err(Problem::field(format!("response.{field}"), reason)),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RecordedBody<'a> {
    entry: EntryBody<'a>,
    /// The standings of the budgets that count it.
    budgets: Vec<StandingBody<'a>>,
    /// There, and true, when the call had been recorded before, alike.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
}

/// This call went: write it down. A key is never refused for its model here: the call has happened.
#[utoipa::path(post, path = "/v1/record", tag = "calls",
    params(("x-spendlight-key" = Option<String>, Header, description = KEY_WORDS)),
    request_body = RecordBody, responses(
    (status = 201, body = RecordedBody), (status = 200, body = RecordedBody, description = "It had been recorded before"),
    (status = 400, body = Problem),
    (status = 401, body = Problem, description = "The key is missing, not known or revoked"),
    (status = 409, body = Problem), (status = 413, body = Problem),
    (status = 422, body = Problem), (status = 503, body = Problem)))]
pub async fn record(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    LargeBody { 0: bytes }: LargeBody,
) -> Result<Response, Problem> {
    let mut request = parse::<RecordBody<'_>>(&bytes)?.into_request(&caller)?;
    if headers.get(SOURCE).is_some_and(|source| source == Source::Cli.as_str()) {
        request.source = Source::Cli;
    }
    drop(bytes);
    let recorded = app.meter.record(request).await?;
    Ok(answer(&app, recorded))
}

fn answer(app: &App, mut recorded: Recorded) -> Response {
    if recorded.replayed {
        recorded.standings = app.meter.standings_of(&recorded.entry.attribution());
    }
    let body =
        RecordedBody { entry: EntryBody::new(&recorded.entry), budgets: Vec::new(), replayed: recorded.replayed };
    let status = if recorded.replayed { StatusCode::OK } else { StatusCode::CREATED };
    json_with(status, &body, &app.spelling, &recorded.standings)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = String)]
    call_id: Text<'a>,
}

/// The call did not go: let its reservation go. Twice is as good as once.
#[utoipa::path(post, path = "/v1/release", tag = "calls", request_body = ReleaseBody, responses(
    (status = 204), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn release(State(app): State<Arc<App>>, SmallBody { 0: bytes }: SmallBody) -> Result<StatusCode, Problem> {
    let body: ReleaseBody<'_> = parse(&bytes)?;
    if let Some(call_id) = fields::call_id(Some(body.call_id))? {
        app.meter.release(call_id.into_owned()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
