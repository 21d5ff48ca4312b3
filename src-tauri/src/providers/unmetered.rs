//! What a request does that is not metered, by method and path alone: it reads or changes what has been made, has
//! something made that is charged later or elsewhere, or neither.
//!
//! Paths are read as for the requests that spend (`endpoint`).

use super::endpoint::segments;

/// See the module's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmetered {
    /// It asks for an answer that has been made, changes it or calls it off: nothing is made anew.
    Stored {
        /// The id of the response, where it is one.
        response: Option<String>,
    },
    /// It has something made whose cost no answer here reports: a batch, a video, a fine-tuned model, an assistant's run,
    /// a live session.
    Spends {
        /// The model, where the path names it.
        model: Option<String>,
    },
    /// It calls off what is being made.
    CallsOff,
    Other,
}

/// What a request does that [`super::endpoint`] does not know.
pub fn unmetered(method: &str, path: &str) -> Unmetered {
    let segments = segments(path);
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    let after =
        |names: &[&str]| path.windows(names.len()).position(|window| window == names).map(|at| at + names.len());
    if let Some(id) = after(&["responses"]).and_then(|at| segments.get(at)) {
        return Unmetered::Stored { response: Some(id.clone()) };
    }
    let within = |names: &[&str]| after(names).is_some_and(|at| at < path.len());
    let last = path.last().copied().unwrap_or_default();
    let gone_on = last == "submit_tool_outputs";
    if within(&["chat", "completions"]) || within(&["batches"]) || (within(&["runs"]) && !gone_on) {
        return Unmetered::Stored { response: None };
    }
    if method != "POST" {
        return Unmetered::Other;
    }
    if last == "cancel" || last.ends_with(":cancel") {
        return Unmetered::CallsOff;
    }
    let (named, verb) = last.rsplit_once(':').unwrap_or((last, ""));
    let models_own = matches!(verb, "batchgeneratecontent" | "predictlongrunning");
    let spends = models_own
        || matches!(path.as_slice(), [.., "batches" | "runs" | "containers"] | [.., "fine_tuning" | "batch", "jobs"])
        || path.contains(&"videos")
        || path.contains(&"realtime");
    if !spends {
        return Unmetered::Other;
    }
    let model =
        segments.last().and_then(|last| last.get(..named.len())).filter(|model| models_own && !model.is_empty());
    Unmetered::Spends { model: model.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_something_made_elsewhere_is_known_by_its_path() {
        for path in [
            "/v1/batches",
            "/v1/messages/batches",
            "/v1/batch/jobs",
            "/v1/videos",
            "/v1/videos/video_1/remix",
            "/v1/fine_tuning/jobs",
            "/v1/threads/t/runs",
            "/v1/threads/runs",
            "/v1/evals/e/runs",
            "/v1/realtime/client_secrets",
            "/v1//Batches/",
            "/v1/%62atches",
        ] {
            assert_eq!(unmetered("POST", path), Unmetered::Spends { model: None }, "{path}");
            assert_eq!(unmetered("GET", path), Unmetered::Other, "{path}");
        }
        let spends = |path| unmetered("POST", path);
        let named = |model: &str| Unmetered::Spends { model: Some(model.to_owned()) };
        assert_eq!(spends("/v1beta/models/veo-3.1:predictLongRunning"), named("veo-3.1"));
        assert_eq!(spends("/v1beta/models/Gemini-X:batchGenerateContent"), named("Gemini-X"));
    }

    #[test]
    fn what_is_stored_is_not_made_anew() {
        let response = |id: &str| Unmetered::Stored { response: Some(id.to_owned()) };
        assert_eq!(unmetered("GET", "/v1/responses/resp_A"), response("resp_A"));
        assert_eq!(unmetered("POST", "/v1/responses/resp_A/cancel"), response("resp_A"));
        for (method, path) in [
            ("POST", "/v1/chat/completions/chatcmpl-1"),
            ("POST", "/v1/batches/b/cancel"),
            ("POST", "/v1/threads/t/runs/r"),
            ("GET", "/v1/threads/t/runs/r"),
        ] {
            assert_eq!(unmetered(method, path), Unmetered::Stored { response: None }, "{path}");
        }
    }

    #[test]
    fn anything_else_is_neither() {
        for path in [
            "/v1/files",
            "/v1/uploads/u/parts",
            "/v1/messages/count_tokens",
            "/v1beta/models/m:countTokens",
            "/v1/vector_stores",
            "/v1/threads",
            "/v1/threads/t/runs/r/submit_tool_outputs",
            "/v1/conversations",
        ] {
            assert_eq!(unmetered("POST", path), Unmetered::Other, "{path}");
        }
        assert_eq!(unmetered("POST", "/v1/fine_tuning/jobs/j/cancel"), Unmetered::CallsOff);
        assert_eq!(unmetered("POST", "/v1beta/batches:cancel"), Unmetered::CallsOff);
    }
}
