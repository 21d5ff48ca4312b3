//! The configuration file: only what must be known before the ledger opens. What a user edits while Spendlight runs is in
//! the ledger.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::pricing::{FEED, Override};
use crate::providers::{Builtin, Dialect, builtins};

/// The port of the network door.
pub const PORT: u16 = 7575;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    port: Option<u16>,
    price_feed: Option<String>,
    #[serde(default)]
    providers: BTreeMap<String, Provider>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    upstream: Option<String>,
    dialect: Option<Dialect>,
    price: Option<Price>,
}

/// A provider that calls can be passed on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    pub name: String,
    /// Scheme, host and, where there is one, the path before every path of a call; no slash at the end.
    pub url: String,
    pub dialect: Dialect,
}

/// First segments of paths that are not providers': our own, and those of the windows' pages.
pub const RESERVED: &[&str] = &["v1", "p", "k", "healthz", "metrics", "style", "views"];

/// Dollars for a million tokens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    input: f64,
    output: f64,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
}

/// What the file says, with the defaults for what it leaves out.
#[derive(Debug, Clone)]
pub struct Config {
    pub port: u16,
    /// Where a newer price list is to be had.
    pub price_feed: String,
    /// Prices for all models of a provider.
    pub prices: Vec<Override>,
    /// The providers that calls can be passed on to, those known without being told first.
    pub upstreams: Vec<Upstream>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {file} cannot be read: {source}")]
    Unreadable { file: String, source: std::io::Error },
    #[error("the configuration {file} is wrong: {reason}")]
    Wrong { file: String, reason: String },
}

impl Config {
    /// Reads the file at `path`. One that is not there says nothing.
    ///
    /// # Errors
    /// The file cannot be read, or says something that is not understood.
    pub fn read(path: Option<&Path>) -> Result<Config, ConfigError> {
        let Some(path) = path else { return Config::from_text("", "") };
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Config::from_text(&text, &file),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Config::from_text("", &file),
            Err(source) => Err(ConfigError::Unreadable { file, source }),
        }
    }

    fn from_text(text: &str, file: &str) -> Result<Config, ConfigError> {
        let wrong = |reason: String| ConfigError::Wrong { file: file.to_owned(), reason };
        let said: File = toml::from_str(text).map_err(|e| wrong(e.message().to_owned()))?;
        let mut prices = Vec::new();
        let mut upstreams: Vec<Upstream> = builtins().iter().map(Upstream::from).collect();
        for (provider, said) in said.providers {
            said.tell(&provider, &mut upstreams).map_err(wrong)?;
            if let Some(price) = said.price {
                prices.push(price.for_all_of(provider).map_err(wrong)?);
            }
        }
        Ok(Config {
            port: said.port.unwrap_or(PORT),
            price_feed: said.price_feed.unwrap_or_else(|| FEED.to_owned()),
            prices,
            upstreams,
        })
    }
}

impl From<&Builtin> for Upstream {
    fn from(builtin: &Builtin) -> Upstream {
        Upstream { name: builtin.name.to_owned(), url: builtin.upstream.to_owned(), dialect: builtin.dialect }
    }
}

impl Provider {
    /// Puts what is said of a provider among the upstreams. One that only has a price is none.
    fn tell(&self, name: &str, upstreams: &mut Vec<Upstream>) -> Result<(), String> {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(sound) {
            return Err(format!("providers.{name}: a name is of small letters, digits, dots, - and _"));
        }
        if RESERVED.contains(&name) {
            return Err(format!("providers.{name}: this name is taken by Spendlight itself"));
        }
        let url = self.upstream.as_deref().map(|url| upstream_url(name, url)).transpose()?;
        match (upstreams.iter_mut().find(|upstream| upstream.name == name), url) {
            (Some(known), url) => {
                known.url = url.unwrap_or_else(|| known.url.clone());
                known.dialect = self.dialect.unwrap_or(known.dialect);
            }
            (None, Some(url)) => {
                let dialect = self.dialect.unwrap_or(Dialect::OpenAi);
                upstreams.push(Upstream { name: name.to_owned(), url, dialect });
            }
            (None, None) if self.dialect.is_some() => {
                return Err(format!("providers.{name}.upstream is missing: it is where calls are passed on to"));
            }
            (None, None) => {}
        }
        Ok(())
    }
}

/// An address that paths can be put behind.
fn upstream_url(name: &str, url: &str) -> Result<String, String> {
    let wrong = || format!("providers.{name}.upstream must be an address like https://host or http://localhost:11434");
    let uri: http::Uri = url.parse().map_err(|_| wrong())?;
    let http = matches!(uri.scheme_str(), Some("http" | "https"));
    let host =
        uri.authority().is_some_and(|authority| !authority.as_str().contains('@') && !authority.host().is_empty());
    if !http || !host || uri.query().is_some() || url.contains('#') {
        return Err(wrong());
    }
    Ok(url.trim_end_matches('/').to_owned())
}

impl Price {
    fn for_all_of(&self, provider: String) -> Result<Override, String> {
        Ok(Override {
            model: "*".to_owned(),
            input: rate(&provider, "input", self.input)?,
            output: rate(&provider, "output", self.output)?,
            cache_read: self.cache_read.map(|usd| rate(&provider, "cache_read", usd)).transpose()?,
            cache_write: self.cache_write.map(|usd| rate(&provider, "cache_write", usd)).transpose()?,
            provider,
        })
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just before")]
fn rate(provider: &str, field: &str, usd: f64) -> Result<u64, String> {
    if (0.0..=1_000_000.0).contains(&usd) {
        Ok((usd * 1e9).round() as u64)
    } else {
        Err(format!("providers.{provider}.price.{field} must be from 0 to 1000000 dollars for a million tokens"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_says_nothing() {
        let config = Config::read(Some(Path::new("/nowhere/at/all.toml"))).unwrap();
        assert_eq!((config.port, config.prices.len()), (PORT, 0));
    }

    #[test]
    fn a_provider_of_ones_own_has_its_price() {
        let text = "port = 8080\n[providers.house]\nprice = { input = 0.5, output = 1.25 }";
        let config = Config::from_text(text, "f").unwrap();
        assert_eq!(config.port, 8080);
        assert_eq!((config.prices[0].input, config.prices[0].output), (500_000_000, 1_250_000_000));
    }

    #[test]
    fn an_upstream_is_added_or_moved() {
        let text = "[providers.ollama]\nupstream = 'http://localhost:11434/'\n[providers.openai]\nupstream = \
                    'https://gateway.example/openai'\n[providers.anthropic]\nprice = { input = 1, output = 2 }";
        let config = Config::from_text(text, "f").unwrap();
        let of = |name: &str| config.upstreams.iter().find(|upstream| upstream.name == name).unwrap().clone();
        assert_eq!((of("ollama").url.as_str(), of("ollama").dialect), ("http://localhost:11434", Dialect::OpenAi));
        assert_eq!(of("openai").url, "https://gateway.example/openai");
        assert_eq!(of("anthropic").dialect, Dialect::Anthropic, "a price leaves the rest as it is");
        assert_eq!(config.upstreams.len(), builtins().len() + 1);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (text, word) in [
            ("prot = 1", "prot"),
            ("port = 70000", "70000"),
            ("[providers.x]\nprice = { input = -1, output = 0 }", "providers.x.price.input"),
            ("[providers.x]\nupstream = 'localhost:11434'", "providers.x.upstream"),
            ("[providers.x]\nupstream = 'https://me:secret@host'", "providers.x.upstream"),
            ("[providers.x]\nupstream = 'https://host/?a=b'", "providers.x.upstream"),
            ("[providers.x]\ndialect = 'gemini'", "providers.x.upstream"),
            ("[providers.x]\nupstream = 'http://host'\ndialect = 'klingon'", "klingon"),
            ("[providers.v1]\nupstream = 'http://host'", "providers.v1"),
            ("[providers.k]\nupstream = 'http://host'", "providers.k"),
            ("[providers.'a/b']\nupstream = 'http://host'", "providers.a/b"),
        ] {
            let error = Config::from_text(text, "config.toml").unwrap_err().to_string();
            assert!(error.contains("config.toml") && error.contains(word), "{error} must name {word}");
        }
    }
}
