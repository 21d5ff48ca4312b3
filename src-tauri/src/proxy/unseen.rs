//! Whether what is not metered may go: while paused nothing is made, and what spends where nobody sees it needs room in the
//! budgets and models that its key may use.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::Response;
use http::Method;

use super::body::{asked, whole};
use super::call::Call;
use super::pass::named;
use super::{Proxy, refuse};
use crate::domain::entry::NO_MODEL;
use crate::domain::key::Key;
use crate::domain::money::Nusd;
use crate::http::Problem;
use crate::meter::CheckRequest;
use crate::providers::{Api, Endpoint, Unmetered};

impl Proxy {
    /// The body of a request that may be passed on; else its refusal.
    pub(super) async fn may_look(&self, call: &Call, does: &Unmetered, body: Body) -> Result<Body, Box<Response>> {
        let dialect = call.way.upstream.dialect;
        let (makes, spends) = match does {
            Unmetered::Spends { model } => (true, Some(model)),
            Unmetered::Other => (call.method == Method::POST, None),
            Unmetered::Response(_) | Unmetered::Stored | Unmetered::CallsOff => (false, None),
        };
        let forbidden = makes && self.app.meter.is_paused();
        if spends.is_none() && !forbidden {
            return Ok(body);
        }
        let model = spends.and_then(Option::as_deref);
        let said = &call.said;
        let request = CheckRequest {
            provider: Cow::Borrowed(&call.way.upstream.name),
            model: Cow::Borrowed(model.unwrap_or(NO_MODEL)),
            project: said.project.as_deref().map(Cow::Borrowed),
            user: said.user.as_deref().map(Cow::Borrowed),
            key: call.caller.key.as_ref().map(|key| Cow::Borrowed(key.id.as_str())),
            // How much it is nobody knows: as little as can be.
            cost: Some(Nusd(1)),
            n: 1,
            call_id: said.call_id.as_deref().map(Cow::Borrowed),
            ..CheckRequest::default()
        };
        let verdict = self.app.meter.has_room(&request).await;
        let verdict = verdict.map_err(|e| Box::new(refuse::problem(dialect, &Problem::from(e))))?;
        if let Some(denial) = &verdict.denial {
            let refusal = refuse::denied(dialect, denial);
            self.note_denied(call, &request.model, &verdict.call_id, &refuse::why(denial), refusal.status());
            return Err(Box::new(named(refusal, &verdict.call_id)));
        }
        match &call.caller.key {
            Some(key) if spends.is_some() => self.of_models(call, key, model, body).await,
            _ => Ok(body),
        }
    }

    /// The body of what a key may have made: of models that its list has, where it has a list. Of a batch nobody sees here
    /// which models it is for.
    async fn of_models(&self, call: &Call, key: &Key, model: Option<&str>, body: Body) -> Result<Body, Box<Response>> {
        if key.admit(NO_MODEL).is_ok() {
            return Ok(body);
        }
        let dialect = call.way.upstream.dialect;
        let refused = |model: &str, problem: Problem| Box::new(self.refused_by_key(call, dialect, model, &problem));
        if let Some(model) = model {
            return key.admit(model).map(|()| body).map_err(|e| refused(model, e.into()));
        }
        let unread = |problem: Problem| Box::new(refuse::problem(dialect, &problem));
        let body = whole(body).await.map_err(unread)?;
        let endpoint = Endpoint { dialect, api: Api::Responses, model: None, streams: false };
        let asked = asked(&endpoint, &call.headers, &body).await.map_err(unread)?;
        let models: Vec<&str> = asked.model.iter().chain(&asked.session_model).map(String::as_str).collect();
        let models = if models.is_empty() { vec![NO_MODEL] } else { models };
        for model in models {
            key.admit(model).map_err(|e| refused(model, e.into()))?;
        }
        Ok(Body::from(body))
    }
}
