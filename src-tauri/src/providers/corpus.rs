//! The recorded exchanges that tests are held against, where they are at hand: one real exchange of a provider a line,
//! with the usage that the provider reported, read independently of this code.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use serde_json::Value;

/// One exchange whose response is JSON and reports usage.
pub struct Exchange {
    pub id: String,
    pub provider: String,
    pub path: String,
    pub body: Value,
    pub usage: Value,
}

/// The exchanges, or `None` (and a word about it) where there are none at hand.
pub fn exchanges() -> Option<Vec<Exchange>> {
    let shared = std::env::var_os("SPENDLIGHT_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let path = shared.join("replay").join("corpus.ndjson.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        // Past the test runner, which keeps what a test that passes has printed.
        let said = "skipped: no recorded exchanges (set SPENDLIGHT_SHARED to the folder that holds replay/)";
        let _ = writeln!(std::io::stderr(), "{said}");
        return None;
    };
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    let exchanges = lines.filter_map(|line| {
        let line: Value =
            serde_json::from_str(&line.expect("the corpus is readable")).expect("the corpus is JSON lines");
        let body: Value = serde_json::from_str(line["body"].as_str()?).ok()?;
        let (id, provider, path) = (text(&line, "id"), text(&line, "provider"), text(&line, "path"));
        (!line["usage"].is_null() && body.is_object()).then(|| Exchange {
            id,
            provider,
            path,
            body,
            usage: line["usage"].clone(),
        })
    });
    Some(exchanges.collect())
}
