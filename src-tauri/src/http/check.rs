//! `POST /v1/check`: may this call go?

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body::{SmallBody, json_with, parse};
use super::caller::{Caller, KEY_WORDS};
use super::fields::{self, Count, Text};
use super::problem::{Problem, SHOULD_RETRY};
use super::spell::Spelling;
use super::stamp::Stamp;
use super::wire::StandingBody;
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::meter::{Ceiling, CheckRequest, Reason, Verdict};

/// How long a ceiling is held unless the caller says otherwise.
const TTL_SECONDS: u64 = 600;

/// The longest a ceiling can be held: a day.
const TTL_SECONDS_MAX: u64 = 86_400;

/// How many answers one call may ask for.
const N_MAX: u64 = 1_000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = String, example = "openai")]
    provider: Text<'a>,
    #[serde(borrow)]
    #[schema(value_type = String, example = "gpt-5-mini")]
    model: Text<'a>,
    /// All input tokens; 1,000 where nothing is said of the call's size.
    #[schema(value_type = Option<u64>)]
    input_tokens: Option<Count>,
    /// The most tokens of one answer; 4,096 where nothing is said of the call's size.
    #[schema(value_type = Option<u64>)]
    max_output_tokens: Option<Count>,
    /// Input and output together, where they cannot be told apart.
    #[schema(value_type = Option<u64>)]
    estimated_tokens: Option<Count>,
    /// The most the call can cost, where the caller knows.
    #[schema(value_type = Option<f64>)]
    cost_usd: Option<Nusd>,
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    service_tier: Option<Text<'a>>,
    /// How many answers are asked for.
    n: Option<u64>,
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
    /// The caller's own id of the call, at most 200 bytes; also its idempotency key.
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    call_id: Option<Text<'a>>,
    /// Whether to hold the ceiling until the call is recorded or released.
    reserve: Option<bool>,
    /// How long to hold it, 1 to 86400.
    ttl_seconds: Option<u64>,
}

impl<'a> CheckBody<'a> {
    fn into_request(self, caller: &'a Caller) -> Result<CheckRequest<'a>, Problem> {
        // What a check says of session, operation and tags is not kept, but it must be what a record would accept.
        fields::optional("session", self.session)?;
        fields::optional("operation", self.operation)?;
        fields::tags(self.tags)?;
        Ok(CheckRequest {
            provider: fields::provider(self.provider)?,
            model: fields::required("model", self.model)?,
            project: fields::optional("project", self.project)?.or(caller.project().map(Cow::Borrowed)),
            user: fields::optional("user", self.user)?,
            key: caller.id().map(Cow::Borrowed),
            input_tokens: self.input_tokens.map(|count| count.0),
            max_output_tokens: self.max_output_tokens.map(|count| count.0),
            estimated_tokens: self.estimated_tokens.map(|count| count.0),
            cost: fields::cost(self.cost_usd)?,
            service_tier: fields::optional("service_tier", self.service_tier)?,
            n: fields::within("n", self.n.unwrap_or(1), 1..=N_MAX)?,
            call_id: fields::call_id(self.call_id)?,
            ..CheckRequest::default()
        })
    }
}

#[derive(Serialize, ToSchema)]
pub struct CeilingBody {
    input_tokens: u64,
    output_tokens: u64,
    #[schema(value_type = f64)]
    cost_usd: Nusd,
    priced: Priced,
}

impl CeilingBody {
    pub fn new(ceiling: &Ceiling) -> CeilingBody {
        CeilingBody {
            input_tokens: ceiling.input_tokens,
            output_tokens: ceiling.output_tokens,
            cost_usd: ceiling.cost,
            priced: ceiling.priced,
        }
    }
}

/// What would still go; null where nothing limits it.
#[derive(Serialize, ToSchema)]
struct FitsBody {
    max_output_tokens: Option<u64>,
    #[schema(value_type = Option<f64>)]
    cost_usd: Option<Nusd>,
}

#[derive(Serialize, ToSchema)]
pub struct VerdictBody<'a> {
    allowed: bool,
    call_id: &'a str,
    /// Whether the ceiling is held.
    reserved: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Stamp>,
    ceiling: CeilingBody,
    budgets: Vec<StandingBody<'a>>,
    warnings: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// Why, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The denying budget that frees up last.
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<StandingBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fits: Option<FitsBody>,
}

/// May this call go?
///
/// Denied calls get 402, or 429 with `retry-after` when the binding budget is one of a minute or an hour, so that
/// `curl -f`, `raise_for_status()` and `fetch().ok` all work without reading the body.
///
/// A budget whose action is `ask` holds a call that would cross it and that is to be reserved: the answer comes when the
/// user has answered, at the latest after the `ask_seconds` of the settings. Without `reserve` nothing is held, nobody is
/// asked, and the call is denied at once.
#[utoipa::path(post, path = "/v1/check", tag = "calls",
    params(("x-spendlight-key" = Option<String>, Header, description = KEY_WORDS)),
    request_body = CheckBody, responses(
    (status = 200, body = VerdictBody), (status = 402, body = VerdictBody), (status = 429, body = VerdictBody),
    (status = 400, body = Problem),
    (status = 401, body = Problem, description = "The key is missing, not known or revoked"),
    (status = 403, body = Problem, description = "The key may not use this model"), (status = 409, body = Problem),
    (status = 422, body = Problem)))]
pub async fn check(
    State(app): State<Arc<App>>,
    caller: Caller,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Response, Problem> {
    let body: CheckBody<'_> = parse(&bytes)?;
    let reserve = body.reserve.unwrap_or(false);
    let ttl_seconds = fields::within("ttl_seconds", body.ttl_seconds.unwrap_or(TTL_SECONDS), 1..=TTL_SECONDS_MAX)?;
    let request = body.into_request(&caller)?;
    caller.admit(&request.model)?;
    let verdict = if reserve {
        app.meter.reserve(&request, TimeDelta::seconds(i64::try_from(ttl_seconds).unwrap_or(0))).await?
    } else {
        app.meter.check(&request).await?
    };
    Ok(answer(&verdict, &app.spelling))
}

fn answer(verdict: &Verdict, spelling: &Spelling) -> Response {
    let denial = verdict.denial.as_ref();
    let body = VerdictBody {
        allowed: denial.is_none(),
        call_id: &verdict.call_id,
        reserved: verdict.expires_at.is_some(),
        expires_at: verdict.expires_at.map(Stamp),
        ceiling: CeilingBody::new(&verdict.ceiling),
        budgets: Vec::new(),
        warnings: &verdict.warnings,
        reason: denial.map(|denial| denial.reason),
        detail: denial.map(|denial| denial.sentence.as_str()),
        binding: denial.and_then(|denial| denial.binding.as_ref()).map(StandingBody::new),
        fits: denial
            .map(|denial| FitsBody { max_output_tokens: denial.fits.max_output_tokens, cost_usd: denial.fits.cost }),
    };
    let answer = |status| json_with(status, &body, spelling, &verdict.standings);
    let Some(denial) = denial else { return answer(StatusCode::OK) };
    match denial.frees_up_in_seconds() {
        Some(seconds) => {
            let mut response = answer(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        None => {
            let mut response = answer(StatusCode::PAYMENT_REQUIRED);
            response.headers_mut().insert(SHOULD_RETRY, HeaderValue::from_static("false"));
            response
        }
    }
}
