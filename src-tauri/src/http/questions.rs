//! `/v1/questions`: the calls that wait for their user's answer. Reading is anyone's, answering the owner's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body::{SmallBody, parse};
use super::check::CeilingBody;
use super::owner::Owner;
use super::problem::Problem;
use super::query::Path;
use super::stamp::Stamp;
use super::wire::StandingBody;
use crate::domain::money::Nanos;
use crate::domain::quantity::Quantity;
use crate::meter::{Answer, Question, QuestionState};

/// A call that would cross a budget that asks, and waits.
#[derive(Serialize, ToSchema)]
pub struct QuestionBody<'a> {
    id: &'a str,
    state: QuestionState,
    /// The budget's id.
    budget: &'a str,
    standing: StandingBody<'a>,
    provider: &'a str,
    model: &'a str,
    project: Option<&'a str>,
    ceiling: CeilingBody,
    /// How many calls wait for the answer, this one among them.
    waiting: usize,
    /// The limit that `raise` gives unless another is named: all who wait fit under it.
    #[schema(value_type = f64)]
    raise_to: Quantity,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Stamp,
    /// When it is denied unless somebody answers.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Stamp,
    /// As the desktop says it.
    title: String,
    text: String,
}

impl<'a> QuestionBody<'a> {
    pub fn new(q: &'a Question) -> QuestionBody<'a> {
        let notice = q.notice();
        QuestionBody {
            id: &q.id,
            state: q.state,
            budget: &q.standing.budget.id,
            standing: StandingBody::new(&q.standing),
            provider: &q.call.provider,
            model: &q.call.model,
            project: q.call.project.as_deref(),
            ceiling: CeilingBody::new(&q.call.ceiling),
            waiting: q.waiting,
            raise_to: q.standing.quantity(q.raise_to),
            asked_at: Stamp(q.asked_at),
            expires_at: Stamp(q.expires_at),
            title: notice.title,
            text: notice.body,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct QuestionsBody<'a> {
    questions: Vec<QuestionBody<'a>>,
}

/// What the user says.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AnswerWord {
    /// This call may go.
    AllowOnce,
    /// The budget gets a higher limit until midnight, and everyone who waits for it is decided on anew.
    Raise,
    /// Everyone who waits for it is denied, and so is who comes before the question would have expired.
    Deny,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    answer: AnswerWord,
    /// For `raise`: the limit until midnight, in the budget's unit; the question's `raise_to` where it is not given.
    #[schema(value_type = Option<f64>)]
    limit: Option<Nanos>,
}

/// The open questions, oldest first.
#[utoipa::path(get, path = "/v1/questions", tag = "budgets", responses((status = 200, body = QuestionsBody)))]
pub async fn list(State(app): State<Arc<App>>) -> Response {
    let questions = app.meter.questions();
    Json(QuestionsBody { questions: questions.iter().map(QuestionBody::new).collect() }).into_response()
}

/// Answers a question. The call it is about is then answered.
#[utoipa::path(post, path = "/v1/questions/{id}/answer", tag = "budgets", params(("id" = String, Path)),
    request_body = AnswerBody, responses(
    (status = 200, body = QuestionBody), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub async fn answer(
    _: Owner,
    State(app): State<Arc<App>>,
    Path(id): Path,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Response, Problem> {
    let body: AnswerBody = parse(&bytes)?;
    let answer = match (body.answer, body.limit) {
        (AnswerWord::AllowOnce, None) => Answer::AllowOnce,
        (AnswerWord::Deny, None) => Answer::Deny,
        (AnswerWord::Raise, None) => Answer::Raise(None),
        (AnswerWord::Raise, Some(limit)) => {
            // A question that is gone by now is missed by its answer, too.
            let open = app.meter.questions();
            let unit = open.iter().find(|question| question.id == id).map(|question| question.standing.budget.unit);
            let limit = unit.map(|unit| unit.read(limit)).transpose();
            Answer::Raise(limit.map_err(|e| Problem::field("limit", e))?)
        }
        (_, Some(_)) => return Err(Problem::field("limit", "goes with the answer `raise` alone")),
    };
    let question = app.meter.answer_question(&id, answer).await?;
    Ok(Json(QuestionBody::new(&question)).into_response())
}
