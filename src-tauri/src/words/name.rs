//! What things are called in a sentence: providers, the subject of a scope, and a window's own limit.
//!
//! A budget has a name of its own, which stands in lists and titles; a sentence takes its subject from the scope and
//! its object from the window: "OpenAI will reach today's $1.00". Deliberately not here: the amounts themselves.

use chrono_tz::Tz;

use super::moment::month_name;
use crate::domain::budget::{Budget, Scope};
use crate::domain::window::{Window, WindowKind};

/// A budget in a list or a title.
pub fn called(budget: &Budget) -> &str {
    &budget.name
}

/// A provider as it writes itself; one that is not known, as it was written.
pub fn provider_name(provider: &str) -> &str {
    match provider {
        "openai" => "OpenAI",
        "gemini" => "Gemini",
        "anthropic" => "Anthropic",
        "groq" => "Groq",
        "mistral" => "Mistral",
        "openrouter" => "OpenRouter",
        "cerebras" => "Cerebras",
        "deepseek" => "DeepSeek",
        "xai" => "xAI",
        "together" => "Together",
        "fireworks" => "Fireworks",
        other => other,
    }
}

/// Whose calls a budget counts, as the subject of a sentence: "OpenAI", "gpt-5-mini in project eval", "All calls".
pub fn subject(scope: &Scope) -> String {
    let mut text = match (scope.provider.as_deref(), scope.model.as_deref()) {
        (Some(provider), Some(model)) => format!("{} {model}", provider_name(provider)),
        (Some(provider), None) => provider_name(provider).to_owned(),
        (None, Some(model)) => model.to_owned(),
        (None, None) => String::new(),
    };
    for (first, later, part) in
        [("Project", "in project", &scope.project), ("User", "for user", &scope.user), ("Key", "with key", &scope.key)]
    {
        match part {
            Some(part) if text.is_empty() => text = format!("{first} {part}"),
            Some(part) => text = format!("{text} {later} {part}"),
            None => {}
        }
    }
    if text.is_empty() { EVERYTHING.to_owned() } else { text }
}

const EVERYTHING: &str = "All calls";

/// What a budget is called when its owner gives it no name: "OpenAI today".
pub fn default_name(scope: &Scope, window: WindowKind) -> String {
    format!("{} {}", subject(scope), this(window))
}

/// A window as the end of a budget's name.
fn this(window: WindowKind) -> &'static str {
    match window {
        WindowKind::Minute => "this minute",
        WindowKind::Hour => "this hour",
        WindowKind::Day => "today",
        WindowKind::Week => "this week",
        WindowKind::Month => "this month",
        WindowKind::Total => "in all",
    }
}

/// The subject of a sentence where only a budget's name is known: "OpenAI" of "OpenAI today".
pub(super) fn subject_of_name(name: &str, window: WindowKind) -> &str {
    name.strip_suffix(this(window)).map(str::trim_end).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// A verb that agrees with its subject: only "All calls" are many.
pub(super) fn agree(subject: &str, one: &'static str, many: &'static str) -> &'static str {
    if subject.starts_with(EVERYTHING) { many } else { one }
}

/// A limit as its window's own: "today's $1.00", "November's $8.00", "the total of $50.00".
pub(super) fn possessed(window: &Window, zone: Tz, limit: &str) -> String {
    match window.kind {
        WindowKind::Minute => format!("this minute's {limit}"),
        WindowKind::Hour => format!("this hour's {limit}"),
        WindowKind::Day => format!("today's {limit}"),
        WindowKind::Week => format!("this week's {limit}"),
        WindowKind::Month => format!("{}'s {limit}", month_name(window.start, zone)),
        WindowKind::Total => format!("the total of {limit}"),
    }
}
