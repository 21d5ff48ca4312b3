//! The exchanges that tests are held against, one a line, with the usage that the provider reported, read independently of
//! this code: those we wrote ourselves, always, and the recorded ones where they are at hand.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use serde_json::Value;

use super::{Dialect, Endpoint, Reported, Unreadable, builtin, endpoint};

/// As the door's, of values that tests can make and change.
pub fn from_response(provider: &str, response: &Value) -> Result<Reported, Unreadable> {
    super::from_response(provider, &serde_json::from_str(&response.to_string()).unwrap())
}

/// One exchange whose response is JSON and reports usage.
pub struct Exchange {
    pub id: String,
    pub provider: String,
    pub path: String,
    pub body: Value,
    pub usage: Value,
}

/// Any exchange, as it went over the wire.
pub struct Recorded {
    pub id: String,
    pub provider: String,
    pub method: String,
    /// Without its query.
    pub path: String,
    /// JSON, or `null` where there was no body.
    pub request: Value,
    /// Long text was cut out of the request.
    pub trimmed: bool,
    pub status: u16,
    pub content_type: String,
    pub body: String,
    pub usage: Value,
}

impl Recorded {
    pub fn endpoint(&self) -> Option<Endpoint> {
        let dialect = builtin(&self.provider).map_or(Dialect::OpenAi, |builtin| builtin.dialect);
        endpoint(dialect, &self.method, &self.path)
    }

    pub fn name(&self) -> String {
        format!("{} {} {}{}", self.id, self.method, self.provider, self.path)
    }
}

/// Every exchange, or `None` (and a word about it) where there are none at hand.
pub fn recorded() -> Option<Vec<Recorded>> {
    let shared = std::env::var_os("SPENDLIGHT_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let path = shared.join("replay").join("corpus.ndjson.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        // Past the test runner, which keeps what a test that passes has printed.
        let said = "skipped: no recorded exchanges (set SPENDLIGHT_SHARED to the folder that holds replay/)";
        let _ = writeln!(std::io::stderr(), "{said}");
        return None;
    };
    Some(read(BufReader::new(flate2::read::GzDecoder::new(file))))
}

/// The exchanges we wrote, in the shapes that recorded ones have.
pub fn written() -> Vec<Recorded> {
    read(include_bytes!("../../../tests/fixtures/exchanges.ndjson").as_slice())
}

fn read(lines: impl BufRead) -> Vec<Recorded> {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let exchanges = lines.lines().map(|line| {
        let mut line: Value =
            serde_json::from_str(&line.expect("the corpus is readable")).expect("the corpus is JSON lines");
        let status = line["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        Recorded {
            id: text(&line, "id"),
            provider: text(&line, "provider"),
            method: text(&line, "method"),
            path: text(&line, "path").split('?').next().unwrap_or_default().to_owned(),
            trimmed: line["request_trimmed"] == true,
            status: status.expect("a recorded exchange has a status"),
            content_type: text(&line, "content_type"),
            body: text(&line, "body"),
            request: line["request"].take(),
            usage: line["usage"].take(),
        }
    });
    exchanges.collect()
}

/// The exchanges whose response is JSON and reports usage.
pub fn exchanges() -> Option<Vec<Exchange>> {
    let exchanges = recorded()?.into_iter().filter_map(|recorded| {
        let Recorded { id, provider, path, usage, .. } = recorded;
        let body: Value = serde_json::from_str(&recorded.body).ok()?;
        (!usage.is_null() && body.is_object()).then_some(Exchange { id, provider, path, body, usage })
    });
    Some(exchanges.collect())
}
