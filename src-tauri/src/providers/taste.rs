//! What the sieve keeps of a document, and where in it text is counted: a tree of fields for requests, and one for
//! answers and the events of streams.
//!
//! Deliberately not here: what the kept fields mean.

/// How much of a field is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing; its text may be counted all the same.
    Nothing,
    /// That it is there: its brackets, `null`, or `true` in place of any other scalar.
    Shape,
    /// Its brackets and its own fields. A list is passed through: its items are kept as the field itself would be.
    Fields,
    /// All of it, as it came.
    Whole,
}

/// One field, and those within it.
#[derive(Debug)]
pub struct Node {
    pub keep: Keep,
    /// Whether text in it counts, and in everything within it.
    pub counts: bool,
    fields: &'static [(&'static str, &'static Node)],
    /// By which most other keys are told apart from those of `fields` without a comparison.
    marks: u128,
}

impl Node {
    const fn new(keep: Keep, counts: bool, fields: &'static [(&'static str, &'static Node)]) -> Node {
        let (mut marks, mut at) = (0, 0);
        while at < fields.len() {
            marks |= mark(fields[at].0.as_bytes());
            at += 1;
        }
        Node { keep, counts, fields, marks }
    }

    pub fn field(&self, key: &[u8]) -> Option<&'static Node> {
        if key.is_empty() || self.marks & mark(key) == 0 {
            return None;
        }
        self.fields.iter().find(|(name, _)| name.as_bytes() == key).map(|(_, node)| *node)
    }
}

/// One of 128 bits for a key, by its length and its first letter.
const fn mark(key: &[u8]) -> u128 {
    1 << ((key.len() * 31 + key[0] as usize) % 128)
}

pub const SHAPE: Node = Node::new(Keep::Shape, false, &[]);
pub const WHOLE: Node = Node::new(Keep::Whole, false, &[]);
const TEXT: Node = Node::new(Keep::Nothing, true, &[]);
/// That there is one, since it makes a length that stands beside it that of its sound.
const TRANSCRIPT: Node = Node::new(Keep::Shape, true, &[]);

const fn fields(fields: &'static [(&'static str, &'static Node)]) -> Node {
    Node::new(Keep::Fields, false, fields)
}

const fn text_with(fields: &'static [(&'static str, &'static Node)]) -> Node {
    Node::new(Keep::Fields, true, fields)
}

const ERROR: Node = fields(&[("type", &WHOLE), ("code", &WHOLE), ("status", &WHOLE)]);

/// An answer, whole or one event of a stream: what `from_response` reads, how it ended, and the text of the answer.
pub const ANSWER: Node = fields(&[
    ("type", &WHOLE),
    ("object", &WHOLE),
    ("model", &WHOLE),
    ("modelVersion", &WHOLE),
    ("status", &WHOLE),
    ("service_tier", &WHOLE),
    ("usage", &WHOLE),
    ("usageMetadata", &WHOLE),
    ("usage_info", &WHOLE),
    ("duration", &WHOLE),
    ("text", &TRANSCRIPT),
    ("expireTime", &SHAPE),
    ("data", &SHAPE),
    ("embedding", &SHAPE),
    ("embeddings", &SHAPE),
    ("code", &WHOLE),
    ("error", &ERROR),
    ("x_groq", &fields(&[("usage", &WHOLE), ("error", &SHAPE)])),
    ("promptFeedback", &fields(&[("blockReason", &WHOLE)])),
    ("choices", &fields(&[("finish_reason", &WHOLE), ("delta", &TEXT), ("message", &TEXT), ("text", &TEXT)])),
    ("candidates", &fields(&[("finishReason", &WHOLE), ("content", &TEXT)])),
    ("output", &text_with(&[("type", &WHOLE), ("quality", &WHOLE), ("action", &fields(&[("type", &WHOLE)]))])),
    ("tools", &ANSWER_TOOLS),
    ("tool_usage", &WHOLE),
    ("svg_usage", &WHOLE),
    ("id", &WHOLE),
    ("background", &WHOLE),
    ("content", &TEXT),
    ("content_block", &TEXT),
    ("delta", &TEXT),
    ("message", &MESSAGE),
    ("response", &RESPONSE),
    ("event_type", &WHOLE),
    ("agent", &WHOLE),
    ("steps", &TEXT),
    ("metadata", &fields(&[("total_usage", &WHOLE)])),
    ("interaction", &INTERACTION),
]);

/// Anthropic's message as its stream opens with it.
const MESSAGE: Node =
    fields(&[("type", &WHOLE), ("model", &WHOLE), ("usage", &WHOLE), ("service_tier", &WHOLE), ("content", &TEXT)]);

/// The response as the events of a Responses stream carry it. Its output has been counted as it streamed.
const RESPONSE: Node = fields(&[
    ("object", &WHOLE),
    ("model", &WHOLE),
    ("status", &WHOLE),
    ("service_tier", &WHOLE),
    ("usage", &WHOLE),
    ("error", &ERROR),
    ("output", &fields(&[("type", &WHOLE), ("quality", &WHOLE), ("action", &fields(&[("type", &WHOLE)]))])),
    ("tools", &ANSWER_TOOLS),
    ("tool_usage", &WHOLE),
    ("id", &WHOLE),
    ("background", &WHOLE),
]);

/// An interaction as the events of its stream carry it; likewise.
const INTERACTION: Node = fields(&[
    ("id", &WHOLE),
    ("object", &WHOLE),
    ("model", &WHOLE),
    ("agent", &WHOLE),
    ("status", &WHOLE),
    ("service_tier", &WHOLE),
    ("usage", &WHOLE),
]);

/// The tools of the request, as the response repeats them.
const ANSWER_TOOLS: Node = fields(&[("type", &WHOLE), ("model", &WHOLE)]);

const GENERATION: Node = text_with(&[
    ("maxOutputTokens", &WHOLE),
    ("max_output_tokens", &WHOLE),
    ("candidateCount", &WHOLE),
    ("candidate_count", &WHOLE),
    ("responseModalities", &WHOLE),
    ("response_modalities", &WHOLE),
]);

/// A request: what bounds its cost. All text in it counts, wherever it stands.
pub const REQUEST: Node = text_with(&[
    ("model", &WHOLE),
    ("agent", &WHOLE),
    ("session", &SESSION),
    ("background", &WHOLE),
    ("response_modalities", &WHOLE),
    ("previous_interaction_id", &SHAPE),
    ("stream", &WHOLE),
    ("stream_options", &fields(&[("include_usage", &WHOLE)])),
    ("n", &WHOLE),
    ("best_of", &WHOLE),
    ("max_tokens", &WHOLE),
    ("max_completion_tokens", &WHOLE),
    ("max_output_tokens", &WHOLE),
    ("max_tokens_to_sample", &WHOLE),
    ("service_tier", &WHOLE),
    ("serviceTier", &WHOLE),
    ("speed", &WHOLE),
    ("modalities", &WHOLE),
    ("audio", &SHAPE),
    ("previous_response_id", &SHAPE),
    ("conversation", &SHAPE),
    ("prompt", &PROMPT),
    ("cachedContent", &SHAPE),
    ("cached_content", &SHAPE),
    ("generationConfig", &GENERATION),
    ("generation_config", &GENERATION),
    ("tools", &TOOLS),
    ("mcp_servers", &SHAPE),
    ("web_search_options", &SHAPE),
    ("search_settings", &SHAPE),
    ("plugins", &SHAPE),
    ("pages", &WHOLE),
    ("bbox_annotation_format", &SHAPE),
    ("document_annotation_format", &SHAPE),
]);

/// A live session that is set up.
const SESSION: Node = text_with(&[("model", &WHOLE)]);
/// A stored prompt is named by its id; a plain one is text.
const PROMPT: Node = text_with(&[("id", &SHAPE)]);
/// Tools are text. Those that run at the provider are told by their type, or for Gemini by their field.
const TOOLS: Node = text_with(&[
    ("type", &WHOLE),
    ("model", &WHOLE),
    ("googleSearch", &SHAPE),
    ("google_search", &SHAPE),
    ("googleSearchRetrieval", &SHAPE),
    ("google_search_retrieval", &SHAPE),
    ("googleMaps", &SHAPE),
    ("google_maps", &SHAPE),
    ("urlContext", &SHAPE),
    ("url_context", &SHAPE),
    ("codeExecution", &SHAPE),
    ("code_execution", &SHAPE),
    ("fileSearch", &SHAPE),
    ("file_search", &SHAPE),
    ("computerUse", &SHAPE),
    ("computer_use", &SHAPE),
]);
