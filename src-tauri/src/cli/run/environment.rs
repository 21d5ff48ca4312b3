//! What the command is told: where its SDKs find the proxy, and that no other proxy stands between.

use crate::config::Upstream;

/// A variable that a client reads its base URL from.
struct Variable {
    name: &'static str,
    provider: &'static str,
    /// What follows the provider's name in it.
    path: &'static str,
    /// Not set where the user has set this one: who reads the one reads the other too.
    unless: Option<&'static str>,
}

const fn reads(name: &'static str, provider: &'static str, path: &'static str) -> Variable {
    Variable { name, provider, path, unless: None }
}

/// Only what is really read. Sources: the clients' own code, as released on PyPI and npm (openai 3.57, anthropic 2.14,
/// google-genai 3.6, groq 1.7, cerebras-cloud-sdk 1.91, together 3.1, langchain-openai 1.7, langchain-mistralai 1.1,
/// litellm 1.110). The SDKs of Groq, Cerebras and Together put the whole path behind theirs, the others want it in.
const VARIABLES: &[Variable] = &[
    reads("OPENAI_BASE_URL", "openai", "/v1"),
    // LangChain and LiteLLM, which read OPENAI_BASE_URL too.
    Variable { name: "OPENAI_API_BASE", provider: "openai", path: "/v1", unless: Some("OPENAI_BASE_URL") },
    reads("ANTHROPIC_BASE_URL", "anthropic", ""),
    reads("GOOGLE_GEMINI_BASE_URL", "gemini", ""),
    reads("GROQ_BASE_URL", "groq", ""),
    reads("CEREBRAS_BASE_URL", "cerebras", ""),
    reads("TOGETHER_BASE_URL", "together", ""),
    // LangChain; Mistral's own SDK reads none.
    reads("MISTRAL_BASE_URL", "mistral", "/v1"),
    // LiteLLM, and what is built on it.
    reads("CEREBRAS_API_BASE", "cerebras", "/v1"),
    reads("DEEPSEEK_API_BASE", "deepseek", "/v1"),
    reads("FIREWORKS_API_BASE", "fireworks", "/inference/v1"),
    reads("GROQ_API_BASE", "groq", "/openai/v1"),
    reads("MISTRAL_API_BASE", "mistral", "/v1"),
    reads("OPENROUTER_API_BASE", "openrouter", "/api/v1"),
    reads("TOGETHER_AI_API_BASE", "together", "/v1"),
    reads("XAI_API_BASE", "xai", "/v1"),
];

/// What is set for a command, and which variables of the user's own lead past the proxy or had another key's calls.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Environment {
    pub set: Vec<(&'static str, String)>,
    pub past: Vec<&'static str>,
    pub rekeyed: Vec<&'static str>,
}

impl Environment {
    /// For the proxy at `base`, a run with this key, whose calls are of `project` if one is given, and a user whose own
    /// variables `own` tells. A variable that leads to a provider we know leads there through the proxy, for its project if
    /// it names one and the run does not; one that leads elsewhere is left alone.
    pub fn of(
        base: &str,
        key: &str,
        project: Option<&str>,
        upstreams: &[Upstream],
        own: impl Fn(&str) -> Option<String>,
    ) -> Environment {
        let own = |name: &str| own(name).filter(|value| !value.trim().is_empty());
        let project = project.map(|project| format!("/p/{}", segment(project))).unwrap_or_default();
        let mut environment = Environment::default();
        for Variable { name, provider, path, unless } in VARIABLES {
            let through = match own(name) {
                None if unless.is_some_and(|other| own(other).is_some()) => continue,
                None => Some(format!("{project}/{provider}{path}")),
                Some(url) => match behind(&url, base) {
                    Some(rest) => {
                        let (other, rest) = off(rest, "/k/");
                        if !other.is_empty() && other.strip_prefix("/k/") != Some(key) {
                            environment.rekeyed.push(name);
                        }
                        let (theirs, rest) = off(rest, "/p/");
                        let project = if project.is_empty() { theirs } else { &project };
                        let rest = rest.trim_end_matches('/');
                        let usual = format!("/{provider}{path}");
                        Some(format!("{project}{}", if rest.is_empty() { &usual } else { rest }))
                    }
                    None => upstreams
                        .iter()
                        .filter_map(|upstream| Some((upstream, after(&url, &upstream.url)?)))
                        .max_by_key(|(upstream, _)| upstream.url.len())
                        .map(|(upstream, rest)| format!("{project}/{}{rest}", upstream.name)),
                },
            };
            match through {
                Some(path) => environment.set.push((name, format!("{base}/k/{key}{path}"))),
                None => environment.past.push(name),
            }
        }
        for (name, other) in [("NO_PROXY", "no_proxy"), ("no_proxy", "NO_PROXY")] {
            let others = own(name).or_else(|| own(other)).unwrap_or_default();
            if others != "*" {
                let all = [others.as_str(), "127.0.0.1"];
                environment.set.push((name, all[usize::from(others.is_empty())..].join(",")));
            }
        }
        environment
    }
}

/// The Spendlight key that is `wanted` in a base URL of the user's own that leads to the proxy at `base`.
pub fn key_in(base: &str, own: impl Fn(&str) -> Option<String>, wanted: impl Fn(&str) -> bool) -> Option<String> {
    VARIABLES.iter().find_map(|variable| {
        let url = own(variable.name)?;
        let (key, _) = off(behind(&url, base)?, "/k/");
        key.strip_prefix("/k/").filter(|key| wanted(key)).map(str::to_owned)
    })
}

/// What follows the proxy's address in a URL that leads to it, by whichever of this machine's names.
fn behind<'a>(url: &'a str, base: &str) -> Option<&'a str> {
    let names = ["127.0.0.1", "localhost", "[::1]"];
    names.into_iter().find_map(|name| after(url, &base.replacen(names[0], name, 1)))
}

/// Takes off a path what begins with `mark` and its name, like `/p/mine`.
fn off<'a>(path: &'a str, mark: &str) -> (&'a str, &'a str) {
    let Some(name) = path.strip_prefix(mark) else { return ("", path) };
    path.split_at(mark.len() + name.find('/').unwrap_or(name.len()))
}

/// A name as a segment of a path.
fn segment(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What follows `base` in a URL that begins with it.
fn after<'a>(url: &'a str, base: &str) -> Option<&'a str> {
    url.trim().strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn of(own: &[(&str, &str)]) -> Environment {
        for_project(None, own)
    }

    fn for_project(project: Option<&str>, own: &[(&str, &str)]) -> Environment {
        let config = Config::read(None).unwrap();
        let value = |name: &str| own.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Environment::of("http://127.0.0.1:7575", "sl-k", project, &config.upstreams, value)
    }

    fn value<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
        environment.set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn every_client_finds_its_provider_behind_the_key() {
        let environment = of(&[]);
        for (name, url) in [
            ("OPENAI_BASE_URL", "http://127.0.0.1:7575/k/sl-k/openai/v1"),
            ("OPENAI_API_BASE", "http://127.0.0.1:7575/k/sl-k/openai/v1"),
            ("ANTHROPIC_BASE_URL", "http://127.0.0.1:7575/k/sl-k/anthropic"),
            ("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:7575/k/sl-k/gemini"),
            ("GROQ_BASE_URL", "http://127.0.0.1:7575/k/sl-k/groq"),
            ("OPENROUTER_API_BASE", "http://127.0.0.1:7575/k/sl-k/openrouter/api/v1"),
        ] {
            assert_eq!(value(&environment, name), Some(url), "{name}");
        }
        assert!(environment.past.is_empty());
    }

    #[test]
    fn a_base_url_of_the_users_own_leads_where_it_led_through_the_proxy_or_stays() {
        let environment = of(&[
            ("OPENAI_BASE_URL", "https://openrouter.ai/api/v1"),
            ("ANTHROPIC_BASE_URL", "https://gateway.example/anthropic"),
            ("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:7575/p/mine/gemini"),
            ("GROQ_BASE_URL", "https://api.groq.com.example"),
        ]);
        assert_eq!(value(&environment, "OPENAI_BASE_URL"), Some("http://127.0.0.1:7575/k/sl-k/openrouter/api/v1"));
        assert_eq!(value(&environment, "OPENAI_API_BASE"), None, "who reads both is led by the user's own");
        assert_eq!(value(&environment, "GOOGLE_GEMINI_BASE_URL"), Some("http://127.0.0.1:7575/k/sl-k/p/mine/gemini"));
        assert_eq!(environment.past, ["ANTHROPIC_BASE_URL", "GROQ_BASE_URL"]);
    }

    #[test]
    fn a_base_url_that_leads_to_spendlight_keeps_its_provider_and_its_project() {
        for (url, through) in [
            ("http://127.0.0.1:7575/openrouter/api/v1", "/openrouter/api/v1"),
            ("http://localhost:7575/gemini/v1beta/openai/", "/gemini/v1beta/openai"),
            ("http://[::1]:7575/k/sl-other/p/my%20bot/openai/v1", "/p/my%20bot/openai/v1"),
            ("http://127.0.0.1:7575/", "/openai/v1"),
        ] {
            let environment = of(&[("OPENAI_BASE_URL", url)]);
            let led = format!("http://127.0.0.1:7575/k/sl-k{through}");
            assert_eq!(value(&environment, "OPENAI_BASE_URL"), Some(&*led), "{url}");
            assert!(environment.past.is_empty(), "{url}");
            assert_eq!(environment.rekeyed.is_empty(), !url.contains("sl-other"), "{url}");
        }
        let given = for_project(Some("a b"), &[("OPENAI_BASE_URL", "http://127.0.0.1:7575/p/mine/openai/v1")]);
        assert_eq!(value(&given, "OPENAI_BASE_URL"), Some("http://127.0.0.1:7575/k/sl-k/p/a%20b/openai/v1"));
        assert_eq!(value(&of(&[("OPENAI_BASE_URL", "http://127.0.0.1:75755/openai/v1")]), "OPENAI_BASE_URL"), None);
    }

    #[test]
    fn the_key_of_the_run_around_is_found_where_it_leads_here() {
        let base = "http://127.0.0.1:7575";
        let named = |name: &str| match name {
            "OPENAI_BASE_URL" => Some(format!("{base}/k/sl-other/openai/v1")),
            name => (name == "GROQ_BASE_URL").then(|| format!("{base}/k/sl-outer/groq")),
        };
        assert_eq!(key_in(base, named, |key| key == "sl-outer").as_deref(), Some("sl-outer"), "another one beside it");
        let key = |url: &str| {
            let own = |name: &str| (name == "GROQ_BASE_URL").then(|| url.to_owned());
            key_in(base, own, |_| true)
        };
        assert_eq!(key("http://127.0.0.1:7575/groq"), None);
        assert_eq!(key("http://127.0.0.1:7576/k/sl-outer/groq"), None, "another Spendlight's");
    }

    #[test]
    fn no_other_proxy_stands_between() {
        assert_eq!(value(&of(&[]), "NO_PROXY"), Some("127.0.0.1"));
        let some = of(&[("no_proxy", "intranet")]);
        assert_eq!(
            (value(&some, "NO_PROXY"), value(&some, "no_proxy")),
            (Some("intranet,127.0.0.1"), Some("intranet,127.0.0.1"))
        );
        assert_eq!(value(&of(&[("NO_PROXY", "*")]), "NO_PROXY"), None, "all is not said better");
    }
}
