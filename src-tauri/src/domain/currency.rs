//! The currency that amounts are shown in, by a rate that its user has typed. Nothing is kept in it: the ledger, every
//! limit and every decision stay in US dollars, and what is shown in another currency is approximate and says so.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::money::NANOS;

/// What everything is counted in, and shown in where nothing else is chosen.
pub const DOLLARS: &str = "USD";

/// The most that a dollar may be worth: beyond every currency there is.
const RATE_MAX: i64 = 1_000_000;

/// Another currency, and what a dollar is worth in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    /// Its three letters by ISO 4217.
    pub code: String,
    /// Billionths of it in a dollar.
    pub rate_nanos: i64,
    /// The day of the rate.
    pub since: NaiveDate,
}

impl Currency {
    /// # Errors
    /// The field that is wrong, and what is wrong with it. `today` is the last day a rate can be of.
    pub fn check(&self, today: NaiveDate) -> Result<(), (&'static str, String)> {
        if self.code.len() != 3 || !self.code.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(("currency.code", "must be three capital letters, like EUR".to_owned()));
        }
        if self.rate_nanos <= 0 || self.rate_nanos > RATE_MAX * NANOS {
            return Err(("currency.rate", format!("must be more than 0 and at most {RATE_MAX}")));
        }
        if self.since > today {
            return Err(("currency.since", "must not lie in the future".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_has_three_letters_a_rate_and_a_day_that_has_come() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let euro = Currency { code: "EUR".to_owned(), rate_nanos: 920_000_000, since: day(1) };
        assert_eq!(euro.check(day(1)), Ok(()));
        let wrong = |currency: Currency| currency.check(day(22)).unwrap_err().0;
        for code in ["", "eur", "EURO", "E€", "EU1"] {
            assert_eq!(wrong(Currency { code: code.to_owned(), ..euro.clone() }), "currency.code", "{code:?}");
        }
        for rate_nanos in [0, -1, RATE_MAX * NANOS + 1] {
            assert_eq!(wrong(Currency { rate_nanos, ..euro.clone() }), "currency.rate", "{rate_nanos}");
        }
        assert_eq!(wrong(Currency { since: day(23), ..euro }), "currency.since");
    }
}
