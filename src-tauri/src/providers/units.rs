//! What a request is going to take of the units that some models are priced by in place of tokens: characters to speak,
//! seconds to listen to, pages to read. It errs high, like the estimate of tokens, for it is held against budgets; and
//! where the answer reports nothing (speech, a plain transcript) it is what is written down.
//!
//! Units go by their names in the price list. Deliberately not here: how long a sound is by its own words (`sound`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::weigh::Weigh;

pub type Units = BTreeMap<String, u64>;

/// Sound that is named by an address or an id: as long as any provider takes at once. Source: Mistral's guide to
/// transcription, three hours; OpenAI takes no addresses, and 25 MB.
pub const UNSEEN_SECONDS: u64 = 3 * 3_600;
/// A document that is named so: as many pages as are read at once. Source: Mistral's guide to OCR, 1,000 pages and 50 MB.
pub const PAGES_MAX: u64 = 1_000;
/// A page of text and nothing else, packed as PDFs and office files are, is more than this.
const PAGE_BYTES: u64 = 1_000;

/// The text that a request for speech has spoken, in characters; all of the request where it cannot be found.
pub fn characters(body: &[u8]) -> Units {
    #[derive(Deserialize)]
    struct Speech<'a> {
        #[serde(borrow)]
        input: Cow<'a, str>,
    }
    let characters = match serde_json::from_slice::<Speech<'_>>(body) {
        Ok(speech) => speech.input.chars().count(),
        Err(_) => body.len(),
    };
    Units::from([("input_characters".to_owned(), characters as u64)])
}

/// So much sound to listen to, under both of the price list's names for it: the one is a part of the other.
pub fn seconds(seconds: u64) -> Units {
    ["audio_seconds", "input_audio_seconds"].map(|unit| (unit.to_owned(), seconds)).into()
}

/// Pages to read: those that are stated; else a picture is one, and a document as many as its size has room for. Where
/// they are annotated too, that is counted beside the reading.
pub fn pages(kept: &Value, weigh: &Weigh) -> Units {
    let pages = stated(&kept["pages"]).unwrap_or_else(|| match (weigh.document_bytes(), weigh.pictures()) {
        (0, pictures) if pictures > 0 => pictures,
        (0, _) => PAGES_MAX,
        (bytes, pictures) => bytes.div_ceil(PAGE_BYTES) + pictures,
    });
    let pages = pages.clamp(1, PAGES_MAX);
    let asks = |key: &str| !kept[key].is_null();
    if asks("bbox_annotation_format") || asks("document_annotation_format") {
        return [("input_document_pages", 2 * pages), ("input_annotated_document_pages", pages)]
            .map(|(unit, count)| (unit.to_owned(), count))
            .into();
    }
    Units::from([("input_document_pages".to_owned(), pages)])
}

/// How many pages are stated: a number is one page, `"0-3,7"` is five, and a list is all of its items. Source: Mistral's
/// API reference, OCR.
fn stated(pages: &Value) -> Option<u64> {
    match pages {
        Value::Number(_) => Some(1),
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(stated).try_fold(0_u64, |sum, count| Some(sum.saturating_add(count?)))
        }
        Value::String(text) if !text.trim().is_empty() => {
            let ranges = text.split(',').map(|range| {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                let number = |text: &str| text.trim().parse::<u64>().ok();
                number(last)?.checked_sub(number(first)?)?.checked_add(1)
            });
            ranges.into_iter().try_fold(0_u64, |sum, count| Some(sum.saturating_add(count?)))
        }
        _ => None,
    }
}
