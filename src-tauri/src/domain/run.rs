//! Runs: a command whose calls have a key and, where it is capped, a budget of its own, both called by the run's id and both
//! gone with it.

use chrono::{DateTime, Utc};

/// An id for a run that begins now: `run-20261122-143205-8c1f04d2`.
pub fn id(now: DateTime<Utc>, random: [u8; 4]) -> String {
    format!("run-{}-{:08x}", now.format("%Y%m%d-%H%M%S"), u32::from_be_bytes(random))
}

/// Whether an id is one of a run. No name that a person gives becomes one by chance.
pub fn is_id(text: &str) -> bool {
    let is = |part: Option<&str>, length: usize, letter: fn(&u8) -> bool| {
        part.is_some_and(|part| part.len() == length && part.bytes().all(|b| letter(&b)))
    };
    let mut parts = text.split('-');
    parts.next() == Some("run")
        && is(parts.next(), 8, u8::is_ascii_digit)
        && is(parts.next(), 6, u8::is_ascii_digit)
        && is(parts.next(), 8, u8::is_ascii_hexdigit)
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_run_is_told_from_those_that_people_choose() {
        let at = "2026-11-22T14:32:05Z".parse().unwrap();
        assert_eq!(id(at, [0x0c, 0x1f, 4, 0xd2]), "run-20261122-143205-0c1f04d2");
        assert!(is_id(&id(at, [0; 4])) && is_id(&id(DateTime::UNIX_EPOCH, [0xff; 4])));
        for other in
            ["run", "run-nightly", "run-20261122", "run-20261122-143205-0c1f04d2-2", "x-20261122-143205-0c1f04d2"]
        {
            assert!(!is_id(other), "{other}");
        }
    }
}
