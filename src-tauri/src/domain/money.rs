//! Money, as whole nano-US-dollars, and its one spelling on the wire: a JSON number of dollars.
//!
//! Deliberately not here: other currencies, and any arithmetic on floating-point dollars. A number is read from its
//! decimal text and written as decimal text, so that no amount changes by passing through the wire.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Nano-dollars in a dollar.
pub const NANOS: i64 = 1_000_000_000;

/// An amount of nano-US-dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nusd(pub i64);

impl Nusd {
    pub const ZERO: Nusd = Nusd(0);

    /// Whole dollars, for constants.
    pub const fn dollars(dollars: i64) -> Nusd {
        Nusd(dollars * NANOS)
    }
}

/// Dollars with as many decimals as are needed, nine at the most: `0.0034914`.
impl fmt::Display for Nusd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, self.0)
    }
}

impl Serialize for Nusd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_nanos(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Nusd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let nanos = Nanos::deserialize(deserializer)?;
        i64::try_from(nanos.0).map(Nusd).map_err(|_| D::Error::custom("is too large an amount"))
    }
}

/// An amount as a whole number of nano-dollars, where it is not spelled in JSON.
pub mod nanos {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Nusd;

    pub fn serialize<S: Serializer>(amount: &Nusd, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(amount.0)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Nusd, D::Error> {
        i64::deserialize(deserializer).map(Nusd)
    }
}

/// A decimal number from the wire, in billionths of whatever it counts. Digits beyond the ninth are rounded half up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nanos(pub i128);

impl<'de> Deserialize<'de> for Nanos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <Cow<'_, RawValue>>::deserialize(deserializer)?;
        parse_nanos(raw.get()).map(Nanos).map_err(D::Error::custom)
    }
}

/// Below this many nano-units a double carries every digit, so the shortest spelling of the double is the decimal.
const EXACT_IN_A_DOUBLE: i64 = 1_000_000_000_000_000;

/// Writes `nanos` billionths as an exact JSON number.
#[allow(clippy::cast_precision_loss, reason = "taken only where the double is exact")]
pub fn serialize_nanos<S: Serializer>(nanos: i64, serializer: S) -> Result<S::Ok, S::Error> {
    if nanos % NANOS == 0 {
        serializer.serialize_i64(nanos / NANOS)
    } else if nanos.abs() < EXACT_IN_A_DOUBLE {
        serializer.serialize_f64(nanos as f64 / NANOS as f64)
    } else {
        let text = Nusd(nanos).to_string();
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// Reads a JSON number's text into billionths, without passing through a double.
///
/// # Errors
/// A sentence fragment that follows a field's name: "must be a number".
pub fn parse_nanos(text: &str) -> Result<i128, &'static str> {
    const NOT_A_NUMBER: &str = "must be a number";
    const TOO_LARGE: &str = "is too large";
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| TOO_LARGE)?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(NOT_A_NUMBER);
    }
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()).take(60) {
        value = value.checked_mul(10).and_then(|v| v.checked_add(i128::from(digit - b'0'))).ok_or(TOO_LARGE)?;
    }
    let dropped = (whole.len() + fraction.len()).saturating_sub(60);
    let shift = 9 + i64::from(exponent) - fraction.len() as i64 + dropped as i64;
    let scaled = if value == 0 {
        0
    } else if shift >= 0 {
        let factor = u32::try_from(shift).ok().and_then(|s| 10_i128.checked_pow(s)).ok_or(TOO_LARGE)?;
        value.checked_mul(factor).ok_or(TOO_LARGE)?
    } else {
        match u32::try_from(-shift).ok().and_then(|s| 10_i128.checked_pow(s)) {
            Some(divisor) => (value + divisor / 2) / divisor,
            None => 0,
        }
    };
    Ok(if negative { -scaled } else { scaled })
}

fn write_decimal(f: &mut fmt::Formatter<'_>, nanos: i64) -> fmt::Result {
    let magnitude = nanos.unsigned_abs();
    let (whole, fraction) = (magnitude / NANOS as u64, magnitude % NANOS as u64);
    if nanos < 0 {
        f.write_str("-")?;
    }
    if fraction == 0 {
        return write!(f, "{whole}");
    }
    let digits = format!("{fraction:09}");
    write!(f, "{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_read_from_its_decimal_text() {
        let read = |text: &str| serde_json::from_str::<Nusd>(text).map(|n| n.0).map_err(|e| e.to_string());
        assert_eq!(read("1"), Ok(1_000_000_000));
        assert_eq!(read("0.1"), Ok(100_000_000));
        assert_eq!(read("-0.5"), Ok(-500_000_000));
        assert_eq!(read("1e-7"), Ok(100));
        assert_eq!(read("2.5E+1"), Ok(25_000_000_000));
        assert_eq!(read("0.0000000005"), Ok(1), "a half rounds up");
        assert_eq!(read("0.00034999999999999997"), Ok(350_000), "a double's noise rounds away");
        assert_eq!(read("123456789.123456789"), Ok(123_456_789_123_456_789));
        assert_eq!(read("1e-400"), Ok(0));
        assert!(read("\"1\"").unwrap_err().contains("must be a number"));
        assert!(read("1e300").unwrap_err().contains("too large"));
        assert!(read("99999999999").unwrap_err().contains("too large"));
    }

    proptest! {
        #[test]
        fn an_amount_survives_the_wire_to_the_nano_dollar(nanos in any::<i64>()) {
            let text = serde_json::to_string(&Nusd(nanos)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Nusd>(&text).unwrap(), Nusd(nanos));
            prop_assert!(text.split_once('.').is_none_or(|(_, d)| d.len() <= 9), "{} has over nine decimals", text);
            prop_assert!(!text.contains('e'), "{} has an exponent", text);
        }

        #[test]
        fn any_json_number_is_read_or_refused_in_words(number in "-?(0|[1-9][0-9]{0,80})(\\.[0-9]{1,80})?([eE][+-]?[0-9]{1,12})?") {
            let _ = parse_nanos(&number);
        }
    }
}
