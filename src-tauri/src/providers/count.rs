//! Counts, read from an object of a response by path. Absent and `null` are no count; whatever else is not a whole
//! number from 0 to 10^12 is an error that names the path. What a count means is for the dialects to say.

use std::collections::BTreeMap;

use serde_json_borrow::{Map, Value};

use super::Unreadable;
use crate::domain::usage::COUNT_MAX;

/// An object of counts, and where in the response it stands.
#[derive(Clone, Copy)]
pub struct Counts<'a> {
    path: &'a str,
    fields: &'a Map<'a>,
}

impl<'a> Counts<'a> {
    pub fn of(path: &'a str, value: &'a Value<'a>) -> Result<Counts<'a>, Unreadable> {
        let fields = value.as_object().ok_or_else(|| Unreadable::malformed(path, "must be an object"))?;
        Ok(Counts { path, fields })
    }

    pub fn has(&self, key: &str) -> bool {
        self.fields.get(key).is_some_and(|value| !value.is_null())
    }

    pub fn raw(&self, key: &str) -> Option<&'a Value<'a>> {
        self.fields.get(key)
    }

    /// The count at `key`.
    pub fn maybe(&self, key: &str) -> Result<Option<u64>, Unreadable> {
        self.number(self.fields.get(key), &[key])
    }

    /// The count at `key`, 0 where there is none.
    pub fn get(&self, key: &str) -> Result<u64, Unreadable> {
        Ok(self.maybe(key)?.unwrap_or(0))
    }

    /// The count at `outer.inner`. Every object of details is optional, and some servers send `[]` for none.
    pub fn within(&self, outer: &str, inner: &str) -> Result<Option<u64>, Unreadable> {
        self.number(self.fields.get(outer).and_then(|details| details.as_object()?.get(inner)), &[outer, inner])
    }

    /// The objects of the list at `key` that have a count at `count`, with it.
    pub fn list(&self, key: &'a str, count: &'a str) -> Result<Vec<(&'a Value<'a>, u64)>, Unreadable> {
        let items = self.fields.get(key).and_then(Value::as_array).unwrap_or_default();
        let mut found = Vec::new();
        for item in items {
            if let Some(number) = self.number(Some(item.get(count)), &[key, count])? {
                found.push((item, number));
            }
        }
        Ok(found)
    }

    fn number(&self, value: Option<&Value<'_>>, path: &[&str]) -> Result<Option<u64>, Unreadable> {
        let wrong = |reason| Unreadable::malformed(format!("{}.{}", self.path, path.join(".")), reason);
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => match number.as_u64() {
                Some(count) if count <= COUNT_MAX => Ok(Some(count)),
                Some(_) => Err(wrong("must be at most 1000000000000")),
                None if number.as_i64().is_some() => Err(wrong("must not be negative")),
                None => Err(wrong("must be a whole number from 0 to 1000000000000")),
            },
            Some(_) => Err(wrong("must be a number")),
        }
    }
}

/// Adds `count` to the class `key`; a class with nothing in it is left out.
pub fn add(details: &mut BTreeMap<String, u64>, key: &str, count: u64) {
    if count > 0 {
        *details.entry(key.to_owned()).or_default() += count;
    }
}
