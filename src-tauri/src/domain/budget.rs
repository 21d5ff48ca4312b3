//! Budgets: a limit over a window, for all calls or those of a provider, model, project, user or key.
//!
//! Here is what a budget is and which budgets are sound. What has been spent of one is its standing.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::quantity::Unit;
use super::window::WindowKind;

/// The percentages at which a budget speaks unless its owner chose others; 100 always speaks.
pub const DEFAULT_THRESHOLDS: [u8; 2] = [80, 95];

/// Which calls a budget counts: those that match every part that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// A model's name, or its beginning followed by `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The id of a Spendlight key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Who a call is for, as far as scopes look at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attribution<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    pub project: Option<&'a str>,
    pub user: Option<&'a str>,
    pub key: Option<&'a str>,
}

impl Scope {
    pub fn matches(&self, call: &Attribution<'_>) -> bool {
        let same = |wanted: &Option<String>, has: Option<&str>| wanted.as_deref().is_none_or(|w| has == Some(w));
        same(&self.provider, Some(call.provider))
            && self.model.as_deref().is_none_or(|name| model_matches(name, call.model) || is_version(name, call.model))
            && same(&self.project, call.project)
            && same(&self.user, call.user)
            && same(&self.key, call.key)
    }
}

/// Whether `model` is the one named by `pattern`, which may end in `*`.
pub fn model_matches(pattern: &str, model: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => model.starts_with(beginning),
        None => pattern == model,
    }
}

/// Whether `model` is the model called `name`, or a version of it by its number: who asks for `gpt-5-mini` is answered by
/// `gpt-5-mini-2025-08-07`. Fewer than three digits are another model's: `claude-sonnet-4-5` is no `claude-sonnet-4`.
pub fn is_version(name: &str, model: &str) -> bool {
    let Some(version) = model.strip_prefix(name) else { return false };
    let digits = version.bytes().filter(u8::is_ascii_digit).count();
    let number = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'@');
    version.is_empty() || (version.starts_with(['-', '@']) && number && digits >= 3)
}

/// What happens to a call that would cross the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Block,
    Warn,
    /// A call that is to be reserved is held while the user is asked; every other one is denied.
    Ask,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Block => "block",
            Action::Warn => "warn",
            Action::Ask => "ask",
        }
    }

    /// Whether a call that would cross the limit is denied unless the user says otherwise.
    pub fn blocks(self) -> bool {
        self != Action::Warn
    }
}

/// Another limit until a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Override {
    pub limit: i64,
    pub until: DateTime<Utc>,
}

/// A budget. `limit` and `buffer` count the unit's smallest part (nano-dollars, tokens, requests).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    pub id: String,
    pub name: String,
    pub scope: Scope,
    pub window: WindowKind,
    pub unit: Unit,
    pub limit: i64,
    /// Kept back at admission: calls are denied when they would leave less than this.
    pub buffer: i64,
    pub action: Action,
    /// Whole percents, ascending; the last is critical, those before it warn.
    pub thresholds: Vec<u8>,
    /// The zone of the windows; the user's own where none is given.
    pub time_zone: Option<Tz>,
    pub enabled: bool,
    pub raised: Option<Override>,
}

/// Why a budget is not sound: the field that is wrong, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct Unsound {
    pub field: &'static str,
    pub problem: String,
}

/// Bounds on what a person types: an id or a name this long is a mistake.
const ID_BYTES_MAX: usize = 100;
pub(super) const NAME_BYTES_MAX: usize = 200;
const THRESHOLDS_MAX: usize = 10;

/// Whether a text can be a name of at most `bytes_max` bytes.
pub(super) fn is_word(text: &str, bytes_max: usize) -> bool {
    !text.trim().is_empty() && text.len() <= bytes_max && !text.contains(char::is_control)
}

/// Whether a text can be an id, and stand in an address.
pub(super) fn is_id(text: &str) -> bool {
    is_word(text, ID_BYTES_MAX) && !text.contains('/')
}

impl Budget {
    /// The limit in force at `now`.
    pub fn limit_at(&self, now: DateTime<Utc>) -> i64 {
        match self.raised {
            Some(raised) if now < raised.until => raised.limit,
            _ => self.limit,
        }
    }

    /// Checks everything about the budget that does not depend on other budgets.
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
        let scope = &self.scope;
        for (field, part) in [
            ("scope.provider", &scope.provider),
            ("scope.model", &scope.model),
            ("scope.project", &scope.project),
            ("scope.user", &scope.user),
            ("scope.key", &scope.key),
        ] {
            if part.as_deref().is_some_and(|text| !is_word(text, NAME_BYTES_MAX)) {
                return wrong(field, "must be 1 to 200 bytes without control characters");
            }
        }
        if self.limit <= 0 {
            return wrong("limit", "must be more than 0");
        }
        if self.buffer < 0 || self.buffer >= self.limit {
            return wrong("buffer", "must be at least 0 and less than the limit");
        }
        if self.thresholds.is_empty() || self.thresholds.len() > THRESHOLDS_MAX {
            return wrong("thresholds", "must name 1 to 10 percentages");
        }
        if !self.thresholds.windows(2).all(|pair| pair[0] < pair[1])
            || self.thresholds.iter().any(|t| !(1..=99).contains(t))
        {
            return wrong("thresholds", "must be whole percents from 1 to 99, ascending (100 always speaks)");
        }
        if self.raised.is_some_and(|raised| raised.limit <= 0) {
            return wrong("override.limit", "must be more than 0");
        }
        if self.raised.is_some_and(|raised| self.buffer >= raised.limit) {
            return wrong("override.limit", "must be more than the buffer");
        }
        Ok(())
    }
}

/// The budgets of a first start: a dollar a day and ten a month for OpenAI, 80 cents and 8 dollars for Gemini.
pub fn first_budgets() -> Vec<Budget> {
    let budget = |provider: &str, title: &str, window: WindowKind, limit_nusd: i64| Budget {
        id: format!("{provider}-{}", window.as_str()),
        name: format!("{title} {}", if window == WindowKind::Day { "today" } else { "this month" }),
        scope: Scope { provider: Some(provider.to_owned()), ..Scope::default() },
        window,
        unit: Unit::Usd,
        limit: limit_nusd,
        buffer: 0,
        action: Action::Block,
        thresholds: DEFAULT_THRESHOLDS.to_vec(),
        time_zone: None,
        enabled: true,
        raised: None,
    };
    vec![
        budget("openai", "OpenAI", WindowKind::Day, 1_000_000_000),
        budget("openai", "OpenAI", WindowKind::Month, 10_000_000_000),
        budget("gemini", "Gemini", WindowKind::Day, 800_000_000),
        budget("gemini", "Gemini", WindowKind::Month, 8_000_000_000),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_by_number_is_the_model() {
        for (name, model) in [
            ("gpt-5-mini", "gpt-5-mini"),
            ("gpt-5-mini", "gpt-5-mini-2025-08-07"),
            ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
            ("gemini-2.0-flash", "gemini-2.0-flash-001"),
            ("mistral-large", "mistral-large-2411"),
        ] {
            assert!(is_version(name, model), "{model} is {name}");
        }
        for (name, model) in [
            ("gpt-5", "gpt-5-mini"),
            ("gpt-5", "gpt-5-mini-2025-08-07"),
            ("claude-sonnet-4", "claude-sonnet-4-5"),
            ("gpt-4", "gpt-4-32k"),
            ("gpt-4", "gpt-4o-2024-11-20"),
            ("gpt-4", "gpt-41106"),
        ] {
            assert!(!is_version(name, model), "{model} is not {name}");
        }
    }

    #[test]
    fn the_first_budgets_are_sound() {
        for budget in first_budgets() {
            assert_eq!(budget.check(), Ok(()), "{}", budget.id);
        }
    }

    #[test]
    fn a_scope_counts_the_calls_that_match_every_part() {
        let call = Attribution {
            provider: "openai",
            model: "gpt-5-mini-2026-01-01",
            project: Some("eval"),
            ..Attribution::default()
        };
        let scope = |provider: Option<&str>, model: Option<&str>, user: Option<&str>| Scope {
            provider: provider.map(str::to_owned),
            model: model.map(str::to_owned),
            user: user.map(str::to_owned),
            ..Scope::default()
        };
        assert!(scope(None, None, None).matches(&call), "no part: every call");
        assert!(scope(Some("openai"), Some("gpt-5-mini*"), None).matches(&call));
        assert!(scope(Some("openai"), Some("gpt-5-mini"), None).matches(&call), "a name takes in its versions");
        assert!(!scope(Some("openai"), Some("gpt-5"), None).matches(&call), "and no other model");
        assert!(!scope(Some("gemini"), None, None).matches(&call));
        assert!(!scope(None, None, Some("ann")).matches(&call), "a call of nobody is not Ann's");
    }

    #[test]
    fn an_unsound_budget_names_its_field() {
        let sound = first_budgets().remove(0);
        let field = |change: fn(&mut Budget)| {
            let mut budget = sound.clone();
            change(&mut budget);
            budget.check().unwrap_err().field
        };
        assert_eq!(field(|b| b.limit = 0), "limit");
        assert_eq!(field(|b| b.buffer = b.limit), "buffer");
        assert_eq!(field(|b| b.thresholds = vec![95, 80]), "thresholds");
        assert_eq!(field(|b| b.thresholds = vec![100]), "thresholds");
        assert_eq!(field(|b| b.name = " ".into()), "name");
        assert_eq!(field(|b| b.scope.model = Some(String::new())), "scope.model");
    }
}
