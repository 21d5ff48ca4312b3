//! What a budget counts: dollars, tokens or requests.
//!
//! Inside, a quantity is a whole number of the unit's smallest part: nano-dollars, tokens, requests. On the wire it is
//! a number of the unit people know: dollars, tokens, requests.

use serde::{Deserialize, Serialize, Serializer};

use super::money::{NANOS, Nanos, serialize_nanos};

/// The largest quantity a budget may name: below it, no sum of a ledger's entries can overflow.
pub const LARGEST: i64 = 1_000_000_000_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Usd,
    Tokens,
    Requests,
}

impl Unit {
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Usd => "usd",
            Unit::Tokens => "tokens",
            Unit::Requests => "requests",
        }
    }

    /// Reads a number from the wire as a count of this unit's smallest part.
    ///
    /// # Errors
    /// A sentence fragment that follows the field's name.
    pub fn read(self, number: Nanos) -> Result<i64, &'static str> {
        let smallest_parts = match self {
            Unit::Usd => number.0,
            Unit::Tokens | Unit::Requests => {
                if number.0 % i128::from(NANOS) != 0 {
                    return Err("must be a whole number for this unit");
                }
                number.0 / i128::from(NANOS)
            }
        };
        if smallest_parts < 0 {
            return Err("must not be negative");
        }
        i64::try_from(smallest_parts).ok().filter(|n| *n <= LARGEST).ok_or("is too large")
    }
}

/// A number of a unit's smallest part, spelled on the wire as the unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    pub unit: Unit,
    pub value: i64,
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.unit {
            Unit::Usd => serialize_nanos(self.value, serializer),
            Unit::Tokens | Unit::Requests => serializer.serialize_i64(self.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_in_its_unit() {
        let nanos = |text: &str| serde_json::from_str::<Nanos>(text).unwrap();
        assert_eq!(Unit::Usd.read(nanos("0.8")), Ok(800_000_000));
        assert_eq!(Unit::Tokens.read(nanos("1000000")), Ok(1_000_000));
        assert_eq!(Unit::Tokens.read(nanos("1e6")), Ok(1_000_000));
        assert!(Unit::Tokens.read(nanos("1.5")).is_err(), "half a token is not a limit");
        assert!(Unit::Requests.read(nanos("-1")).is_err());
        assert!(Unit::Usd.read(nanos("10000000000")).is_err(), "sums of such limits could overflow");
    }
}
