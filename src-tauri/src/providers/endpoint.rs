//! Which requests spend, by method and path alone.
//!
//! A path is judged by its tail, whatever stands before it, and as the most lenient upstream might read it: decoded,
//! with doubled and trailing slashes, dots, case and parameters of segments taken away. So an odd spelling never passes
//! for a path that costs nothing; at worst a call that the provider refuses has been held for a moment.
//!
//! Deliberately not here: what spends later or elsewhere than in its own answer (`unmetered`), and anything of a body.

use super::dialect::Dialect;

/// What a spending request is asking, and in whose dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// That which the client speaks: several providers serve more than their own.
    pub dialect: Dialect,
    pub api: Api,
    /// The model, where the path names it.
    pub model: Option<String>,
    /// Whether the path alone makes the answer a stream.
    pub streams: bool,
}

/// The APIs that spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    Chat,
    Completions,
    Responses,
    Messages,
    Generate,
    Embeddings,
    Embed,
    Moderations,
    Rerank,
    Images,
    Speech,
    Transcriptions,
    Ocr,
    Interactions,
    Decisions,
}

impl Api {
    pub fn as_str(self) -> &'static str {
        match self {
            Api::Chat => "chat",
            Api::Completions => "completions",
            Api::Responses => "responses",
            Api::Messages => "messages",
            Api::Generate => "generate",
            Api::Embeddings => "embeddings",
            Api::Embed => "embed",
            Api::Moderations => "moderations",
            Api::Rerank => "rerank",
            Api::Images => "images",
            Api::Speech => "speech",
            Api::Transcriptions => "transcriptions",
            Api::Ocr => "ocr",
            Api::Interactions => "interactions",
            Api::Decisions => "decisions",
        }
    }

    /// Whether it answers with numbers or labels, for which no provider charges output.
    pub fn has_no_output(self) -> bool {
        matches!(self, Api::Embeddings | Api::Embed | Api::Moderations | Api::Rerank | Api::Ocr)
    }
}

/// What the request spends on; `None` where it spends nothing. `path` is without its query.
pub fn endpoint(dialect: Dialect, method: &str, path: &str) -> Option<Endpoint> {
    if matches!(method, "GET" | "HEAD" | "OPTIONS" | "DELETE" | "TRACE") {
        return None;
    }
    let segments = segments(path);
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let tail: Vec<&str> = lower.iter().rev().map(String::as_str).collect();
    let known = |dialect, api| Some(Endpoint { dialect, api, model: None, streams: false });
    match tail.as_slice() {
        [method, ..] if method.contains(':') => gemini(method, segments.last()?),
        ["completions", "chat" | "agents", ..] => known(Dialect::OpenAi, Api::Chat),
        ["completions", ..] => known(Dialect::OpenAi, Api::Completions),
        ["complete", ..] if dialect == Dialect::Anthropic => known(Dialect::Anthropic, Api::Completions),
        ["responses", ..] | ["compact", "responses", ..] => known(Dialect::OpenAi, Api::Responses),
        ["interactions", ..] if dialect == Dialect::Gemini => known(Dialect::Gemini, Api::Interactions),
        ["decisions", above, ..] if dialect == Dialect::Gemini && *above != "openai" => {
            known(Dialect::Gemini, Api::Decisions)
        }
        ["decisions", ..] => known(Dialect::OpenAi, Api::Decisions),
        // A message of an OpenAI thread is stored, not answered.
        ["messages", _, "threads", ..] => None,
        ["messages", ..] => known(Dialect::Anthropic, Api::Messages),
        ["embeddings", ..] => known(Dialect::OpenAi, Api::Embeddings),
        ["moderations" | "classifications", ..] => known(Dialect::OpenAi, Api::Moderations),
        ["rerank", ..] => known(Dialect::OpenAi, Api::Rerank),
        ["ocr", ..] => known(Dialect::OpenAi, Api::Ocr),
        ["generations" | "edits" | "variations", "images", ..] => known(Dialect::OpenAi, Api::Images),
        ["speech", "audio", ..] => known(Dialect::OpenAi, Api::Speech),
        ["transcriptions" | "translations", "audio", ..] => known(Dialect::OpenAi, Api::Transcriptions),
        _ => None,
    }
}

/// Google's custom methods, `models/{model}:{method}`. `method` is the last segment in lower case, `named` as it came.
fn gemini(method: &str, named: &str) -> Option<Endpoint> {
    let (_, method) = method.rsplit_once(':')?;
    let (api, streams) = match method {
        "generatecontent" | "generateanswer" => (Api::Generate, false),
        "streamgeneratecontent" => (Api::Generate, true),
        "embedcontent" | "batchembedcontents" | "asyncbatchembedcontent" => (Api::Embed, false),
        "predict" => (Api::Images, false),
        _ => return None,
    };
    let model = named.rsplit_once(':').map(|(model, _)| model).filter(|model| !model.is_empty());
    Some(Endpoint { dialect: Dialect::Gemini, api, model: model.map(str::to_owned), streams })
}

/// The path's segments as the most lenient upstream might see them.
pub fn segments(path: &str) -> Vec<String> {
    let decoded = decode(path);
    let path = decoded.split(['?', '#']).next().unwrap_or_default();
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split(['/', '\\']) {
        let segment = segment.split(';').next().unwrap_or_default();
        match segment.trim_matches(|c: char| c.is_whitespace() || c.is_control()) {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment.to_owned()),
        }
    }
    segments
}

/// Percent-decoded until nothing changes: some upstreams decode twice.
fn decode(path: &str) -> String {
    let mut text = path.to_owned();
    for _ in 0..4 {
        if !text.contains('%') {
            break;
        }
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((&byte, after)) = rest.split_first() {
            let hex = |at: usize| after.get(at).and_then(|&digit| char::from(digit).to_digit(16));
            match (byte, hex(0), hex(1)) {
                (b'%', Some(high), Some(low)) => {
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                    rest = &after[2..];
                }
                _ => {
                    bytes.push(byte);
                    rest = after;
                }
            }
        }
        let decoded = String::from_utf8_lossy(&bytes).into_owned();
        if decoded == text {
            break;
        }
        text = decoded;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(dialect: Dialect, path: &str) -> Option<Api> {
        endpoint(dialect, "POST", path).map(|endpoint| endpoint.api)
    }

    #[test]
    fn the_paths_that_spend_are_known_behind_any_prefix() {
        let cases = [
            ("/v1/chat/completions", Api::Chat),
            ("/chat/completions", Api::Chat),
            ("/openai/v1/chat/completions", Api::Chat),
            ("/api/v1/chat/completions", Api::Chat),
            ("/inference/v1/chat/completions", Api::Chat),
            ("/v1beta/openai/chat/completions", Api::Chat),
            ("/v1/completions", Api::Completions),
            ("/v1/fim/completions", Api::Completions),
            ("/v1/responses", Api::Responses),
            ("/v1/responses/compact", Api::Responses),
            ("/v1/embeddings", Api::Embeddings),
            ("/v1/decisions", Api::Decisions),
            ("/v1/moderations", Api::Moderations),
            ("/v1/images/generations", Api::Images),
            ("/v1/images/edits", Api::Images),
            ("/v1/images/variations", Api::Images),
            ("/v1/audio/speech", Api::Speech),
            ("/v1/audio/transcriptions", Api::Transcriptions),
            ("/v1/audio/translations", Api::Transcriptions),
            ("/v1/messages", Api::Messages),
            ("/anthropic/v1/messages", Api::Messages),
        ];
        for (path, expected) in cases {
            assert_eq!(api(Dialect::OpenAi, path), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_dialect_is_the_clients_not_the_providers() {
        let dialect = |own, path| endpoint(own, "POST", path).map(|endpoint| endpoint.dialect);
        assert_eq!(dialect(Dialect::Gemini, "/v1beta/openai/chat/completions"), Some(Dialect::OpenAi));
        assert_eq!(dialect(Dialect::Anthropic, "/v1/chat/completions"), Some(Dialect::OpenAi));
        assert_eq!(dialect(Dialect::OpenAi, "/anthropic/v1/messages"), Some(Dialect::Anthropic));
    }

    #[test]
    fn gemini_names_model_and_stream_in_the_path() {
        let told = |path| endpoint(Dialect::Gemini, "POST", path).map(|e| (e.api, e.model.unwrap(), e.streams));
        let model = || "gemini-2.5-Flash".to_owned();
        assert_eq!(told("/v1beta/models/gemini-2.5-Flash:generateContent"), Some((Api::Generate, model(), false)));
        assert_eq!(told("/v1beta/models/gemini-2.5-Flash:streamGenerateContent"), Some((Api::Generate, model(), true)));
        assert_eq!(told("/v1beta/models/gemini-2.5-Flash%3AGENERATECONTENT/"), Some((Api::Generate, model(), false)));
        assert_eq!(told("/v1/tunedModels/mine:embedContent"), Some((Api::Embed, "mine".to_owned(), false)));
        assert_eq!(told("/v1beta/models/e:batchEmbedContents"), Some((Api::Embed, "e".to_owned(), false)));
        for path in ["/v1beta/models/m:countTokens", "/v1beta/models/m:batchGenerateContent", "/v1beta/cachedContents"]
        {
            assert_eq!(endpoint(Dialect::Gemini, "POST", path), None, "{path}");
        }
    }

    #[test]
    fn what_only_looks_like_spending_passes() {
        for path in [
            "/v1/models",
            "/v1/files",
            "/v1/batches",
            "/v1/responses/resp_1",
            "/v1/responses/resp_1/cancel",
            "/v1/responses/input_tokens",
            "/v1/chat/completions/chatcmpl_1",
            "/v1/messages/count_tokens",
            "/v1/messages/batches",
            "/v1/threads/thread_1/messages",
            "/v1/conversations",
            "/v1/vector_stores",
            "/",
            "",
        ] {
            assert_eq!(endpoint(Dialect::OpenAi, "POST", path), None, "{path}");
        }
        for method in ["GET", "DELETE", "HEAD", "OPTIONS"] {
            assert_eq!(endpoint(Dialect::OpenAi, method, "/v1/responses"), None, "{method}");
            assert_eq!(endpoint(Dialect::OpenAi, method, "/v1/responses/resp_1"), None, "{method}");
        }
    }

    #[test]
    fn no_spelling_makes_a_spending_path_free() {
        for path in [
            "/v1/chat/completions/",
            "//v1//chat//completions//",
            "/v1/chat%2Fcompletions",
            "/v1/chat%252Fcompletions",
            "/v1/%63hat/completion%73",
            "/v1/Chat/COMPLETIONS",
            "/v1/./chat/x/../completions",
            "/v1/models/../chat/completions",
            "/v1/chat/completions;a=b",
            "/v1/chat/completions%20",
            "/v1/chat/completions%00",
            "/v1/chat/completions%3Fx=1",
            "/v1\\chat\\completions",
            "/v1/chat/completions/.",
        ] {
            assert_eq!(api(Dialect::OpenAi, path), Some(Api::Chat), "{path}");
        }
        assert_eq!(endpoint(Dialect::OpenAi, "post", "/v1/responses").map(|e| e.api), Some(Api::Responses));
    }

    proptest::proptest! {
        #[test]
        fn any_path_is_judged_without_a_panic(path in ".{0,60}") {
            let _ = endpoint(Dialect::Gemini, "POST", &path);
        }
    }
}
