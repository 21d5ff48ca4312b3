//! Tiers of service: which names mean the standard price, and which ones the price list is asked about.
//!
//! A tier says how a call was processed; what the tier costs is in the price list.

/// How a call was processed, in the price list's words. No tier and no batch is the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Processing<'a> {
    pub tier: Option<&'a str>,
    pub batch: bool,
}

/// Standard processing.
pub const STANDARD: Processing<'static> = Processing { tier: None, batch: false };

/// Tiers that a price list may know and that cost more than the standard.
pub const DEAR: [&str; 3] = ["fast", "priority", "ultrafast"];

/// Names for standard processing. `auto` leaves the choice to the provider and is only ever seen in requests;
/// `on_demand` is Groq's and Vertex's word; `provisioned` is OpenRouter's, which charges such calls the standard price.
const STANDARD_NAMES: [&str; 6] = ["", "auto", "default", "standard", "on_demand", "provisioned"];

/// Other spellings. Vertex names its tiers as kinds of traffic. `PROVISIONED_THROUGHPUT` is none of these: it is paid
/// for in advance, so that no price of a call is known.
const SPELLINGS: [(&str, &str); 7] = [
    ("flex", "flex"),
    ("on_demand_flex", "flex"),
    ("priority", "priority"),
    ("on_demand_priority", "priority"),
    ("fast", "fast"),
    ("ultrafast", "ultrafast"),
    ("batch", BATCH),
];

/// Anthropic names its batches as a tier.
const BATCH: &str = "batch";

/// Reads the provider's own word.
pub fn read(service_tier: Option<&str>, batch: bool) -> Processing<'_> {
    let name = service_tier.unwrap_or_default().trim();
    if STANDARD_NAMES.iter().any(|standard| standard.eq_ignore_ascii_case(name)) {
        return Processing { tier: None, batch };
    }
    match SPELLINGS.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(name)) {
        Some((_, BATCH)) => Processing { tier: None, batch: true },
        Some((_, known)) => Processing { tier: Some(known), batch },
        None => Processing { tier: Some(name), batch },
    }
}

impl<'a> Processing<'a> {
    /// The tier alone and the batch alone, as far as they are not the standard.
    pub fn each(self) -> impl Iterator<Item = Processing<'a>> {
        let tier = self.tier.map(|tier| Processing { tier: Some(tier), batch: false });
        let batch = self.batch.then_some(Processing { tier: None, batch: true });
        tier.into_iter().chain(batch)
    }

    /// How many times the standard this way costs at the most, where that is known of a provider without its price list.
    /// Sources: Anthropic's prices for its fast mode, which for Claude Opus 4.6 are 30 and 150 dollars in place of 5 and 25;
    /// Google's guide to optimizing costs, by which priority is 75 to 100 percent more.
    pub fn times_the_standard(self, provider: &str) -> Option<f64> {
        match (provider, self.tier?) {
            ("anthropic", "fast") => Some(6.0),
            ("gemini", "priority") => Some(2.0),
            _ => None,
        }
    }

    /// What a call is held against when its own processing has no known price: the standard, whatever of its own is
    /// known, and the dear tiers unless it is known to be a cheaper one (flex, batch).
    pub fn guesses(self, provider: &str) -> Vec<Processing<'a>> {
        let mut guesses = vec![STANDARD];
        if self != STANDARD {
            guesses.push(self);
        }
        if self.tier.is_some_and(|tier| tier != "flex") {
            let dear = DEAR.map(|tier| Processing { tier: Some(tier), batch: false });
            // What is known without the list says nothing of other tiers.
            guesses.extend(dear.into_iter().filter(|dear| dear.times_the_standard(provider).is_none()));
        }
        guesses
    }
}
