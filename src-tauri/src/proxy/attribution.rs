//! Whose a call is: what the `x-spendlight-*` headers and the path say of it.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName};

use super::headers::OURS;
use crate::http::Problem;
use crate::http::fields::{self, Text};

/// What a call's headers say of it.
#[derive(Debug, Default)]
pub struct Attribution {
    pub call_id: Option<String>,
    pub project: Option<String>,
    pub session: Option<String>,
    pub user: Option<String>,
    pub operation: Option<String>,
    pub tags: BTreeMap<String, String>,
}

const CALL_ID: &str = "x-spendlight-call-id";
const PROJECT: &str = "x-spendlight-project";
const SESSION: &str = "x-spendlight-session";
const USER: &str = "x-spendlight-user";
const OPERATION: &str = "x-spendlight-operation";
const TAGS: &str = "x-spendlight-tags";

/// How the official SDKs say that a request is not their first try.
const RETRY_COUNT: HeaderName = HeaderName::from_static("x-stainless-retry-count");

impl Attribution {
    /// Reads the headers; the path names the project where they do not.
    ///
    /// # Errors
    /// The header that is wrong, by name.
    pub fn read(headers: &HeaderMap, project: Option<String>) -> Result<Attribution, Problem> {
        let text = |name: &'static str| match headers.get(name).map(|value| value.to_str()) {
            None => Ok(None),
            Some(Ok(text)) => fields::optional(name, Some(Text(decoded(text.trim()).into()))).map(owned),
            Some(Err(_)) => Err(Problem::field(name, "must be ASCII: write other letters as %XX")),
        };
        let mut said = Attribution::default();
        // Most calls have none of ours.
        for name in headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with(OURS)) {
            match name {
                CALL_ID => said.call_id = text(CALL_ID)?,
                PROJECT => said.project = text(PROJECT)?,
                SESSION => said.session = text(SESSION)?,
                USER => said.user = text(USER)?,
                OPERATION => said.operation = text(OPERATION)?,
                TAGS => said.tags = text(TAGS)?.map(|tags| read_tags(&tags)).transpose()?.unwrap_or_default(),
                _ => {}
            }
        }
        let retry = headers.get(RETRY_COUNT).and_then(|count| count.to_str().ok()).filter(|count| *count != "0");
        if let Some(retry) = retry.and_then(|count| count.parse::<u32>().ok()) {
            said.tags.insert("retry".to_owned(), retry.to_string());
        }
        said.tags = fields::tags(Some(said.tags))?;
        let project_of_path = fields::optional("project", project.map(|name| Text(name.into()))).map(owned)?;
        said.project = said.project.or(project_of_path);
        Ok(said)
    }
}

fn owned(text: Option<std::borrow::Cow<'_, str>>) -> Option<String> {
    text.map(std::borrow::Cow::into_owned)
}

/// `team=search,run=7`
fn read_tags(text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let wrong = || Problem::field(TAGS, "must be like team=search,run=7");
            let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// Percent-decoded; what is no code stands for itself.
pub fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
