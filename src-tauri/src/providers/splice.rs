//! Asking an OpenAI stream for its usage: `stream_options.include_usage` is set to true in a request's body, and every
//! other byte stays as it was.
//!
//! Deliberately not here: when it is right to ask (`asked`), and taking the answer out again (`without`).

use std::ops::Range;

use memchr::memchr2;

/// The body with its stream's usage asked for; `None` where it is no object, or its `stream_options` are none.
pub fn with_usage(body: &[u8]) -> Option<Vec<u8>> {
    set(body, b"stream_options", &|options| match options {
        None | Some(b"null") => Some(b"{\"include_usage\":true}".to_vec()),
        Some(options) => set(options, b"include_usage", &|_| Some(b"true".to_vec())),
    })
}

/// What becomes of a field's value, which is `None` where there is no such field.
type Change<'a> = &'a dyn Fn(Option<&[u8]>) -> Option<Vec<u8>>;

/// The object `json` with the value of `key` as `change` makes it of the old one; the last of several counts.
fn set(json: &[u8], key: &[u8], change: Change<'_>) -> Option<Vec<u8>> {
    let Found { open, empty, value } = find(json, key)?;
    let made = change(value.clone().map(|value| &json[value]))?;
    let place = value.clone().unwrap_or(open..open);
    let mut changed = Vec::with_capacity(json.len() + made.len() + key.len() + 4);
    changed.extend_from_slice(&json[..place.start]);
    if value.is_none() {
        changed.extend_from_slice(&[b"\"", key, b"\":"].concat());
    }
    changed.extend_from_slice(&made);
    if value.is_none() && !empty {
        changed.push(b',');
    }
    changed.extend_from_slice(&json[place.end..]);
    Some(changed)
}

/// A field in an object.
struct Found {
    /// Where the object's fields begin.
    open: usize,
    /// The object has no field at all.
    empty: bool,
    /// Where the value of the last field of that name stands.
    value: Option<Range<usize>>,
}

/// Looks for `key` in the object `json`; `None` for what is not one whole object.
fn find(json: &[u8], key: &[u8]) -> Option<Found> {
    let mut at = skip_space(json, 0);
    (json.get(at) == Some(&b'{')).then_some(())?;
    at += 1;
    let mut found = Found { open: at, empty: true, value: None };
    loop {
        at = skip_space(json, at);
        match json.get(at)? {
            b'}' => break,
            b',' if !found.empty => at += 1,
            b'"' => {
                found.empty = false;
                let (from, to) = (at + 1, string_end(json, at)?);
                at = skip_space(json, to);
                (json.get(at) == Some(&b':')).then_some(())?;
                at = skip_space(json, at + 1);
                let end = value_end(json, at)?;
                if is_key(&json[from..to - 1], key) {
                    found.value = Some(at..end);
                }
                at = end;
            }
            _ => return None,
        }
    }
    (skip_space(json, at + 1) == json.len()).then_some(found)
}

fn is_key(spelled: &[u8], key: &[u8]) -> bool {
    spelled == key
        || spelled.contains(&b'\\')
            && serde_json::from_slice::<String>(&[b"\"", spelled, b"\""].concat())
                .is_ok_and(|plain| plain.as_bytes() == key)
}

fn skip_space(json: &[u8], at: usize) -> usize {
    let rest = json.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(rest.len())
}

/// Just behind the string that begins at `at`.
fn string_end(json: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', json.get(at..)?)?;
        if json[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Just behind the value that begins at `at`.
fn value_end(json: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match json.get(at)? {
            b'"' => at = string_end(json, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if depth > 0 => at += 1,
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.') => {
                let more = |b: &u8| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'));
                at += json[at..].iter().position(more).unwrap_or(json.len() - at);
            }
            _ => return None,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}
