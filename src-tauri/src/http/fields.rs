//! Fields that are checked as they are read: counts, short texts, providers' names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use super::problem::Problem;
use crate::domain::usage::COUNT_MAX;
use crate::meter::CALL_ID_BYTES_MAX;

/// The longest name of a model, project, session and the like, in bytes.
pub const TEXT_BYTES_MAX: usize = 200;

/// The longest error text that is kept, in bytes; a longer one is cut.
const ERROR_BYTES_MAX: usize = 500;

const TAGS_MAX: usize = 32;

/// A whole number from 0 to 10^12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counts;
        impl Visitor<'_> for Counts {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from 0 to {COUNT_MAX}")
            }

            fn visit_u64<E: de::Error>(self, n: u64) -> Result<Count, E> {
                if n > COUNT_MAX { Err(E::invalid_value(de::Unexpected::Unsigned(n), &self)) } else { Ok(Count(n)) }
            }
        }
        deserializer.deserialize_u64(Counts)
    }
}

/// Text that is borrowed from the body where it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(Texts)
    }
}

/// A time: RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub DateTime<Utc>);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Times;
        impl Visitor<'_> for Times {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time like 2026-11-22T14:40:05Z")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
                text.parse().map(Time).map_err(|_| E::invalid_value(de::Unexpected::Other("text"), &self))
            }
        }
        deserializer.deserialize_str(Times)
    }
}

/// A text that must be there.
pub fn required<'a>(field: &'static str, text: Text<'a>) -> Result<Cow<'a, str>, Problem> {
    short(field, text.0, TEXT_BYTES_MAX)
}

/// A text that may be missing; an empty one is missing too.
pub fn optional<'a>(field: &'static str, text: Option<Text<'a>>) -> Result<Option<Cow<'a, str>>, Problem> {
    match text {
        Some(Text(text)) if !text.is_empty() => short(field, text, TEXT_BYTES_MAX).map(Some),
        _ => Ok(None),
    }
}

pub fn call_id<'a>(text: Option<Text<'a>>) -> Result<Option<Cow<'a, str>>, Problem> {
    text.map(|Text(text)| short("call_id", text, CALL_ID_BYTES_MAX)).transpose()
}

fn short<'a>(field: &'static str, text: Cow<'a, str>, max: usize) -> Result<Cow<'a, str>, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::field(field, "must not be empty"));
    }
    if text.len() > max {
        return Err(Problem::field(field, format!("must be at most {max} bytes long")));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::field(field, "must not contain control characters"));
    }
    Ok(text)
}

/// A provider under the name we have for it, however it was spelled.
pub fn provider<'a>(text: Text<'a>) -> Result<Cow<'a, str>, Problem> {
    let name = required("provider", text)?;
    let name = if name.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { name };
    Ok(match &*name {
        "google" | "google-gemini" | "gcp.gemini" => Cow::Borrowed("gemini"),
        "x-ai" => Cow::Borrowed("xai"),
        _ => name,
    })
}

/// What went wrong, cut to what is worth keeping.
pub fn error_text(text: Option<String>) -> Option<String> {
    let mut text = text.filter(|text| !text.trim().is_empty())?;
    if text.len() > ERROR_BYTES_MAX {
        let end = (0..=ERROR_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    Some(text.replace(char::is_control, " "))
}

pub fn tags(tags: Option<BTreeMap<String, String>>) -> Result<BTreeMap<String, String>, Problem> {
    let tags = tags.unwrap_or_default();
    if tags.len() > TAGS_MAX {
        return Err(Problem::field("tags", format!("must be at most {TAGS_MAX}")));
    }
    let long = |text: &str| text.len() > TEXT_BYTES_MAX || text.chars().any(char::is_control);
    match tags.iter().find(|(name, value)| name.trim().is_empty() || long(name) || long(value)) {
        Some(_) => {
            let problem =
                format!("must have names and values of at most {TEXT_BYTES_MAX} bytes, without control characters");
            Err(Problem::field("tags", problem))
        }
        None => Ok(tags),
    }
}

/// A number that must lie within bounds.
pub fn within(field: &'static str, number: u64, bounds: std::ops::RangeInclusive<u64>) -> Result<u64, Problem> {
    if bounds.contains(&number) {
        Ok(number)
    } else {
        Err(Problem::field(field, format!("must be from {} to {}", bounds.start(), bounds.end())))
    }
}

/// A cost must not be negative, nor so large that sums of it could overflow.
pub fn cost(cost: Option<crate::domain::money::Nusd>) -> Result<Option<crate::domain::money::Nusd>, Problem> {
    match cost {
        Some(cost) if cost.0 < 0 => Err(Problem::field("cost_usd", "must not be negative")),
        Some(cost) if cost.0 > crate::domain::quantity::LARGEST => Err(Problem::field("cost_usd", "is too large")),
        cost => Ok(cost),
    }
}
