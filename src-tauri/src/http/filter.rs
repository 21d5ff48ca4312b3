//! Which entries a list has: the same parameters wherever entries are listed, counted or exported.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::problem::Problem;
use super::query;
use crate::domain::entry::{Outcome, Source};
use crate::ledger::EntryFilter;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FilterQuery {
    from: Option<String>,
    to: Option<String>,
    provider: Option<String>,
    model: Option<String>,
    project: Option<String>,
    session: Option<String>,
    /// The id of a Spendlight key.
    key: Option<String>,
    /// `false` takes in what failed and what was denied.
    ok: Option<bool>,
    /// How the calls ended: denied is Spendlight's doing, failed the provider's, and odd is either of them or a call whose
    /// cost is estimated or without a known price.
    outcome: Option<Outcome>,
    /// The door they came through.
    source: Option<Source>,
    /// Text that occurs in the model, project, session, user, operation, error or call id.
    q: Option<String>,
    /// `as_of` of `/v1/days`: nothing that was written down since, so that pages and sums agree while calls arrive.
    as_of: Option<i64>,
}

const NAMES: [&str; 12] =
    ["from", "to", "provider", "model", "project", "session", "key", "ok", "outcome", "source", "q", "as_of"];

impl FilterQuery {
    fn filter(self) -> Result<EntryFilter, Problem> {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(EntryFilter {
            from: query::time("from", self.from.as_deref())?,
            to: query::time("to", self.to.as_deref())?,
            provider: some(self.provider),
            model: some(self.model),
            project: some(self.project),
            session: some(self.session),
            key: some(self.key),
            ok: self.ok,
            outcome: self.outcome,
            source: self.source,
            text: some(self.q),
            as_of: self.as_of,
        })
    }
}

/// The filter of a request, and the parameters beside it.
pub struct Filtered<T>(pub EntryFilter, pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Filtered<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Filtered<T>, Response> {
        let (mut filter, mut rest) =
            (form_urlencoded::Serializer::new(String::new()), form_urlencoded::Serializer::new(String::new()));
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            let part = if NAMES.contains(&&*name) { &mut filter } else { &mut rest };
            part.append_pair(&name, &value);
        }
        let filter: FilterQuery = query::read(&filter.finish())?;
        let filter = filter.filter().map_err(IntoResponse::into_response)?;
        Ok(Filtered(filter, query::read(&rest.finish())?))
    }
}
