//! Numbers among the arguments: refused before anyone is asked, by the argument's own name.

use crate::domain::usage::COUNT_MAX;

/// Tokens, seconds, milliseconds.
pub fn count(text: &str) -> Result<u64, String> {
    let n = text.parse().ok().filter(|n| *n <= COUNT_MAX);
    n.ok_or_else(|| format!("must be a whole number from 0 to {COUNT_MAX}"))
}

/// Dollars, or whatever a budget counts.
pub fn amount(text: &str) -> Result<f64, String> {
    let n = text.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0);
    n.ok_or_else(|| "must be a number, 0 or more".to_owned())
}

/// Whole percents.
pub fn percent(text: &str) -> Result<u8, String> {
    text.parse().ok().filter(|n| (1..=99).contains(n)).ok_or_else(|| "must be whole percents from 1 to 99".to_owned())
}
