//! The three dialects, and the providers that are known without being told: where each lives and how its key travels.
//!
//! Deliberately not here: what a path means (`endpoint`), prices, and providers that the user adds.

use serde::{Deserialize, Serialize};

/// A way of asking and answering. Most providers speak OpenAI's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    OpenAi,
    Anthropic,
    Gemini,
}

impl Dialect {
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::OpenAi => "openai",
            Dialect::Anthropic => "anthropic",
            Dialect::Gemini => "gemini",
        }
    }

    /// How a key travels to whoever speaks this dialect, where nothing else is said.
    pub fn key(self) -> KeyPlace {
        match self {
            Dialect::OpenAi => KeyPlace::Bearer,
            Dialect::Anthropic => KeyPlace::Header("x-api-key"),
            Dialect::Gemini => KeyPlace::Header("x-goog-api-key"),
        }
    }

    /// The parameter of the query in which a client may send its key instead.
    pub fn key_in_query(self) -> Option<&'static str> {
        (self == Dialect::Gemini).then_some("key")
    }
}

/// Where a request carries its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    /// `authorization: Bearer …`
    Bearer,
    /// The named header, bare.
    Header(&'static str),
}

/// A provider that is known without being told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    pub name: &'static str,
    /// Where its own base URL's host stands, with no slash at the end. A client's base URL is this provider's own with
    /// the host replaced, so that a path passes as it is.
    pub upstream: &'static str,
    pub dialect: Dialect,
    pub key: KeyPlace,
}

const fn openai_like(name: &'static str, upstream: &'static str) -> Builtin {
    Builtin { name, upstream, dialect: Dialect::OpenAi, key: KeyPlace::Bearer }
}

/// Hosts as the providers' own documentation and SDKs name them. What follows them in a client's base URL: `/v1`, but
/// `/openai/v1` for groq, `/api/v1` for openrouter, `/inference/v1` for fireworks, and nothing for anthropic, gemini
/// and deepseek.
const BUILTINS: &[Builtin] = &[
    openai_like("openai", "https://api.openai.com"),
    Builtin {
        name: "gemini",
        upstream: "https://generativelanguage.googleapis.com",
        dialect: Dialect::Gemini,
        key: KeyPlace::Header("x-goog-api-key"),
    },
    Builtin {
        name: "anthropic",
        upstream: "https://api.anthropic.com",
        dialect: Dialect::Anthropic,
        key: KeyPlace::Header("x-api-key"),
    },
    openai_like("groq", "https://api.groq.com"),
    openai_like("mistral", "https://api.mistral.ai"),
    openai_like("openrouter", "https://openrouter.ai"),
    openai_like("cerebras", "https://api.cerebras.ai"),
    openai_like("deepseek", "https://api.deepseek.com"),
    openai_like("xai", "https://api.x.ai"),
    openai_like("together", "https://api.together.ai"),
    openai_like("fireworks", "https://api.fireworks.ai"),
];

/// Whether a provider refuses a request with `stream_options`. Mistral's streams report their usage unasked.
/// Source: Mistral's API reference, which has no such field, and its answer to one: 422, `extra_forbidden`.
pub fn refuses_stream_options(provider: &str) -> bool {
    provider == "mistral"
}

pub fn builtins() -> &'static [Builtin] {
    BUILTINS
}

pub fn builtin(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|builtin| builtin.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_is_spelled_alike_everywhere() {
        for dialect in [Dialect::OpenAi, Dialect::Anthropic, Dialect::Gemini] {
            assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.as_str());
        }
    }

    #[test]
    fn an_upstream_joins_a_path_without_a_second_slash() {
        for builtin in builtins() {
            assert!(builtin.upstream.starts_with("https://") && !builtin.upstream.ends_with('/'), "{}", builtin.name);
            assert_eq!(super::builtin(builtin.name), Some(builtin));
            assert_eq!(builtin.key, builtin.dialect.key());
        }
        assert_eq!(super::builtin("ollama"), None);
    }
}
