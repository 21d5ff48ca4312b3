//! Spendlight keys: what a script or a project is known by, and what it may use.
//!
//! A key's text is shown once, when it is issued. Afterwards only its SHA-256 is known: the text is 32 random bytes, so
//! there is nothing to guess that a slow password hash would have to protect, and the hash can be looked up at once.
//! Deliberately not here: providers' own keys (`keychain.rs`), and what a key may spend, which its budgets say.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::budget::{NAME_BYTES_MAX, Unsound, is_id, is_word, model_matches};
use super::entry::NO_MODEL;

/// How every key begins, so that one can be told from a provider's.
pub const PREFIX: &str = "sl-";

/// How many patterns of models a key may have.
const MODELS_MAX: usize = 100;

/// The SHA-256 of a key's text.
pub type KeyHash = [u8; 32];

/// A key, without its text, which nobody has but its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What entries and budgets call it.
    pub id: String,
    pub name: String,
    /// The project of its calls, unless they name one.
    pub project: Option<String>,
    /// Models it may use, each a name or a beginning followed by `*`; all of them where none is named.
    pub models: Vec<String>,
    pub created_at: DateTime<Utc>,
    /// Right to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Why a key, or the want of one, does not let a call go. Says nothing of the text that was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    #[error(
        "Every call needs a Spendlight key: issue one in Settings, Keys, or with `spendlight keys issue --name NAME`, \
         and send it as `x-spendlight-key` or `Authorization: Bearer`."
    )]
    Missing,
    #[error("Spendlight knows no such key. Issue one in Settings, Keys, or with `spendlight keys issue --name NAME`.")]
    Unknown,
    #[error("The key {name:?} has been revoked. Issue another in Settings, Keys, or with `spendlight keys issue`.")]
    Revoked { name: String },
    #[error("{name} is over, and its address with it: start it again with `spendlight run`.")]
    Over { name: String },
    #[error("The key {name:?} may not use {}: it is for {}.", said(model), models.join(", "))]
    Model { name: String, model: String, models: Vec<String> },
}

fn said(model: &str) -> &str {
    if model == NO_MODEL { "a model that the request does not name" } else { model }
}

impl Key {
    /// The text of a key, from 32 random bytes: 46 letters.
    pub fn text(random: &[u8; 32]) -> String {
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
    }

    pub fn hash(text: &str) -> KeyHash {
        Sha256::digest(text.as_bytes()).into()
    }

    /// Whether a text sent as a key is meant to be one of ours rather than a provider's.
    pub fn is_meant_by(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    pub fn may_use(&self, model: &str) -> bool {
        self.models.is_empty() || self.models.iter().any(|pattern| model_matches(pattern, model))
    }

    /// # Errors
    /// [`KeyRefused::Model`] for a model the key may not use.
    pub fn admit(&self, model: &str) -> Result<(), KeyRefused> {
        if self.may_use(model) {
            return Ok(());
        }
        let Key { name, models, .. } = self.clone();
        Err(KeyRefused::Model { name, model: model.to_owned(), models })
    }

    /// Checks everything about the key that does not depend on other keys.
    ///
    /// # Errors
    /// The first field that is wrong, with what is wrong with it.
    pub fn check(&self) -> Result<(), Unsound> {
        let wrong = |field, problem: &str| Err(Unsound { field, problem: problem.to_owned() });
        if !is_id(&self.id) {
            return wrong("id", "must be 1 to 100 bytes without control characters or slashes");
        }
        if !is_word(&self.name, NAME_BYTES_MAX) {
            return wrong("name", "must be 1 to 200 bytes without control characters");
        }
        if self.project.as_deref().is_some_and(|project| !is_word(project, NAME_BYTES_MAX)) {
            return wrong("project", "must be 1 to 200 bytes without control characters");
        }
        let pattern =
            |text: &String| is_word(text, NAME_BYTES_MAX) && text.find('*').is_none_or(|at| at + 1 == text.len());
        if self.models.len() > MODELS_MAX || !self.models.iter().all(pattern) {
            return wrong("models", "must be at most 100 names, each with a * at its end at the most");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(models: &[&str]) -> Key {
        Key {
            id: "eval".to_owned(),
            name: "Eval".to_owned(),
            project: None,
            models: models.iter().map(|&model| model.to_owned()).collect(),
            created_at: DateTime::UNIX_EPOCH,
            last_used_at: None,
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_is_its_prefix_and_43_letters_that_need_no_escape() {
        for random in [[0; 32], [0xff; 32], std::array::from_fn(|at| at as u8 * 7)] {
            let text = Key::text(&random);
            let letters = text.strip_prefix("sl-").unwrap();
            assert_eq!(letters.len(), 43, "{text}");
            assert!(letters.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
            assert!(Key::is_meant_by(&text) && !Key::is_meant_by("sk-proj-1"));
        }
        assert_ne!(Key::hash("sl-a"), Key::hash("sl-b"));
    }

    #[test]
    fn a_key_without_models_may_use_all_and_one_with_models_those() {
        assert!(key(&[]).may_use("anything"));
        let some = key(&["gpt-5-mini", "gemini-2.5*"]);
        assert!(some.may_use("gpt-5-mini") && some.may_use("gemini-2.5-flash"));
        assert!(!some.may_use("gpt-5-mini-2026") && !some.may_use("gpt-5"));
        let refused = some.admit("gpt-5").unwrap_err().to_string();
        assert!(refused.contains("gpt-5") && refused.contains("gemini-2.5*"), "{refused}");
    }

    #[test]
    fn an_unsound_key_names_its_field() {
        let field = |change: fn(&mut Key)| {
            let mut key = key(&["gpt-5*"]);
            change(&mut key);
            key.check().map_err(|unsound| unsound.field)
        };
        assert_eq!(field(|_| ()), Ok(()));
        assert_eq!(field(|k| k.id = "a/b".into()), Err("id"));
        assert_eq!(field(|k| k.name = String::new()), Err("name"));
        assert_eq!(field(|k| k.project = Some(" ".into())), Err("project"));
        assert_eq!(field(|k| k.models = vec!["g*5".into()]), Err("models"));
        assert_eq!(field(|k| k.models = vec![String::new()]), Err("models"));
    }
}
