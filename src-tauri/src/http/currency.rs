//! How the currency that amounts are shown in is spelled on the wire. What is read can be sent back.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use super::app::App;
use super::problem::Problem;
use crate::domain::currency::{Currency, DOLLARS};
use crate::domain::money::{NANOS, Nanos, serialize_nanos};

/// The currency that amounts are shown in. Everything on the wire is in US dollars whatever it is.
#[derive(Serialize, ToSchema)]
pub struct CurrencyBody {
    /// By ISO 4217.
    #[schema(example = "EUR")]
    code: String,
    /// What a dollar is worth in it, as the user typed it.
    #[schema(value_type = f64, example = 0.92)]
    #[serde(serialize_with = "rate")]
    rate: i64,
    /// The day of that rate; null for US dollars.
    since: Option<NaiveDate>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a field over so")]
fn rate<S: Serializer>(nanos: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serialize_nanos(*nanos, serializer)
}

impl From<Option<&Currency>> for CurrencyBody {
    fn from(chosen: Option<&Currency>) -> CurrencyBody {
        match chosen {
            Some(c) => CurrencyBody { code: c.code.clone(), rate: c.rate_nanos, since: Some(c.since) },
            None => CurrencyBody { code: DOLLARS.to_owned(), rate: NANOS, since: None },
        }
    }
}

/// A currency to show amounts in; `USD` for none other.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCurrency {
    /// By ISO 4217.
    #[schema(example = "EUR")]
    code: String,
    /// What a dollar is worth in it; more than 0. Not needed for US dollars.
    #[schema(value_type = Option<f64>, example = 0.92)]
    rate: Option<Nanos>,
    /// The day of that rate; today where it is not given.
    since: Option<NaiveDate>,
}

impl NewCurrency {
    /// None for US dollars.
    pub fn checked(self, app: &App) -> Result<Option<Currency>, Problem> {
        if self.code == DOLLARS {
            return Ok(None);
        }
        let today = app.meter.now().with_timezone(&app.meter.zone()).date_naive();
        // One that is missing is refused as nothing would be.
        let rate = self.rate.map_or(0, |rate| rate.0);
        let currency = Currency {
            code: self.code,
            rate_nanos: i64::try_from(rate).unwrap_or(i64::MAX),
            since: self.since.unwrap_or(today),
        };
        match currency.check(today) {
            Ok(()) => Ok(Some(currency)),
            Err((field, problem)) => Err(Problem::field(field, problem)),
        }
    }
}
