//! What a request does that is not metered, by method and path alone: it reads or changes what has been made, has
//! something made that is charged later or elsewhere, or neither.
//!
//! Paths are read as for the requests that spend (`endpoint`).

use super::endpoint::segments;

/// See the module's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmetered {
    /// It asks for a response or an interaction, by its id, or calls it off or deletes it.
    Response(String),
    /// It asks for something else that has been made, changes it or calls it off, or has tokens counted: nothing is made
    /// anew.
    Stored,
    /// It has something made whose cost no answer here reports: a batch, a video, a fine-tuned model, an assistant's run,
    /// a live session.
    Spends {
        /// The model, where the path names it.
        model: Option<String>,
    },
    /// It ends what is being made.
    CallsOff,
    Other,
}

/// What a request of this provider does that [`super::endpoint`] does not know.
pub fn unmetered(provider: &str, method: &str, path: &str) -> Unmetered {
    let segments = segments(path);
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    let reads = matches!(method, "GET" | "HEAD" | "OPTIONS" | "DELETE" | "TRACE");
    match path.as_slice() {
        [.., "responses" | "interactions", _] => return Unmetered::Response(segments[path.len() - 1].clone()),
        [.., "responses" | "interactions", _, "cancel"] => {
            return Unmetered::Response(segments[path.len() - 2].clone());
        }
        // To count is free, whatever the answer has in it.
        [.., "count_tokens"] => return Unmetered::Stored,
        [.., last] if last.ends_with(":counttokens") || last.ends_with(":computetokens") => return Unmetered::Stored,
        [.., "responses", _, _] | [.., "chat", "completions", _] | [.., "chat", "completions", _, _] => {
            return Unmetered::Stored;
        }
        _ if reads => return Unmetered::Other,
        [.., "batches" | "runs", _] | [.., "batches" | "runs", _, "cancel"] => return Unmetered::Stored,
        [.., "cancel" | "pause" | "archive" | "stop"] => return Unmetered::CallsOff,
        [.., "realtime", "calls", _, "hangup" | "reject" | "refer"] => return Unmetered::CallsOff,
        [.., "live", "sessions", _, "hangup" | "reject" | "refer"] => return Unmetered::CallsOff,
        [.., last] if last.ends_with(":cancel") => return Unmetered::CallsOff,
        _ => {}
    }
    let last = path.last().copied().unwrap_or_default();
    if let Some((named, "batchgeneratecontent" | "predictlongrunning")) = last.rsplit_once(':') {
        let model = segments.last().and_then(|last| last.get(..named.len())).filter(|model| !model.is_empty());
        return Unmetered::Spends { model: model.map(str::to_owned) };
    }
    if is_made(provider, &path) { Unmetered::Spends { model: None } } else { Unmetered::Other }
}

/// Whether something is made that is charged. Sources: the resources of openai-python 3.57, anthropic 2.14 and python-genai
/// 3.6; Mistral's API reference.
fn is_made(provider: &str, path: &[&str]) -> bool {
    match path {
        [.., "batches" | "runs" | "videos"]
        | [.., "videos", "edits" | "extensions" | "generations"]
        | [.., "videos", _, "remix"]
        | [.., "runs", _, "submit_tool_outputs"]
        | [.., "fine_tuning" | "batch", "jobs"]
        | [.., "fine_tuning", "jobs", _, "resume" | "start"]
        | [.., "graders", "run"]
        | [.., "chatkit", "sessions"]
        | [.., "realtime", "calls" | "client_secrets" | "sessions" | "transcription_sessions"]
        | [.., "realtime", "translations" | "transcriptions", _]
        | [.., "realtime", "calls", _, "accept"]
        | [.., "live", "sessions"]
        | [.., "live", "sessions", _, "accept" | "fork"]
        | [.., "agents", "sessions"]
        | [.., "agents", "sessions", _, "events"]
        | [.., "automations", _, "invocations"]
        | [.., "deployments", _, "run"]
        | [.., "dreams"]
        | [.., "triggers", _, "executions"]
        | [.., "tuningjobs" | "tunedmodels" | "batchpredictionjobs"]
        | [.., "cachedcontents"] => true,
        // At OpenAI a conversation is only kept; at Mistral a model answers in it.
        [.., "conversations"] | [.., "conversations", _] | [.., "conversations", _, "restart"] => provider == "mistral",
        [.., "sessions"] | [.., "sessions", _, "events"] => provider == "anthropic",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn does(method: &str, path: &str) -> Unmetered {
        unmetered("openai", method, path)
    }

    #[test]
    fn what_has_something_made_elsewhere_is_known_by_its_path() {
        for path in [
            "/v1/batches",
            "/v1/messages/batches",
            "/v1/batch/jobs",
            "/v1/videos",
            "/v1/videos/video_1/remix",
            "/v1/fine_tuning/jobs",
            "/v1/fine_tuning/jobs/j/resume",
            "/v1/fine_tuning/alpha/graders/run",
            "/v1/threads/t/runs",
            "/v1/threads/runs",
            "/v1/threads/t/runs/r/submit_tool_outputs",
            "/v1/evals/e/runs",
            "/v1/realtime/client_secrets",
            "/v1/realtime/calls",
            "/v1/live/sessions",
            "/v1/agents/sessions/s/events",
            "/v1/dreams",
            "/v1beta/tunedModels",
            "/v1beta/cachedContents",
            "/v1//Batches/",
            "/v1/%62atches",
        ] {
            for method in ["POST", "PUT", "PATCH"] {
                assert_eq!(does(method, path), Unmetered::Spends { model: None }, "{path}");
            }
            assert_eq!(does("GET", path), Unmetered::Other, "{path}");
        }
        let named = |model: &str| Unmetered::Spends { model: Some(model.to_owned()) };
        assert_eq!(does("POST", "/v1beta/models/veo-3.1:predictLongRunning"), named("veo-3.1"));
        assert_eq!(does("POST", "/v1beta/models/Gemini-X:batchGenerateContent"), named("Gemini-X"));
        for path in ["/v1/conversations", "/v1/conversations/c", "/v1/conversations/c/restart"] {
            assert_eq!(unmetered("mistral", "POST", path), Unmetered::Spends { model: None }, "{path}");
            assert_eq!(does("POST", path), Unmetered::Other, "{path}");
        }
    }

    #[test]
    fn what_has_been_made_is_not_made_anew() {
        for method in ["GET", "DELETE"] {
            assert_eq!(does(method, "/v1/responses/resp_A"), Unmetered::Response("resp_A".to_owned()));
        }
        assert_eq!(does("POST", "/v1/responses/resp_A/cancel"), Unmetered::Response("resp_A".to_owned()));
        for (method, path) in [
            ("GET", "/v1/responses/resp_A/input_items"),
            ("POST", "/v1/chat/completions/chatcmpl-1"),
            ("POST", "/v1/batches/b/cancel"),
            ("POST", "/v1/messages/count_tokens"),
            ("POST", "/v1beta/models/m:countTokens"),
            ("POST", "/v1/threads/t/runs/r"),
        ] {
            assert_eq!(does(method, path), Unmetered::Stored, "{path}");
        }
        assert_eq!(does("GET", "/v1/threads/t/runs/r"), Unmetered::Other);
    }

    #[test]
    fn anything_else_is_neither() {
        for path in ["/v1/files", "/v1/uploads/u/parts", "/v1/vector_stores", "/v1/threads", "/v1/videos/characters"] {
            assert_eq!(does("POST", path), Unmetered::Other, "{path}");
        }
        for path in [
            "/v1/fine_tuning/jobs/j/cancel",
            "/v1beta/batches:cancel",
            "/v1/realtime/calls/c/hangup",
            "/v1/dreams/d/archive",
        ] {
            assert_eq!(does("POST", path), Unmetered::CallsOff, "{path}");
        }
    }
}
