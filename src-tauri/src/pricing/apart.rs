//! Sound that is sold at a rate of its own, of models for which the list has none: taken at the rate of text it would be
//! counted at a tenth. It is counted at the dearest rate for sound that the list knows of the provider.
//!
//! Deliberately not here: providers that sell sound at the rate of text, as Google does with most of its models.

use chrono::{DateTime, Utc};
use genai_prices::UsageKey;

use super::Pricing;
use super::convert::{MILLION, femtos_each, plain_to_library, tell};
use super::list::PriceList;
use super::tier::Processing;

/// Who never sells sound at the rate of text. Source: OpenAI's price list.
const PROVIDERS: [&str; 2] = ["openai", "azure"];

/// Models that take in or give out nothing but sound on the one side, whose rate is that side's.
const SOUND_ALONE: [&str; 3] = ["tts", "transcribe", "whisper"];

/// How many classes there are.
pub const COUNT: usize = 2;

const CLASSES: [UsageKey; COUNT] = [UsageKey::INPUT_AUDIO_TOKENS, UsageKey::OUTPUT_AUDIO_TOKENS];

/// What a token of each class costs where the list has a rate of its own for it, in femto-dollars; else nothing.
pub fn own_rates(
    list: &PriceList,
    provider: &str,
    model: &str,
    at: DateTime<Utc>,
    way: Processing<'_>,
) -> Option<[u64; COUNT]> {
    let (plain, sound) = text_and_sound(list, provider, model, at, way)?;
    Some(std::array::from_fn(|class| if sound[class] == plain[class] { 0 } else { sound[class] }))
}

/// What a token of text costs, in and out, and what one of sound does.
fn text_and_sound(
    list: &PriceList,
    provider: &str,
    model: &str,
    at: DateTime<Utc>,
    way: Processing<'_>,
) -> Option<([u64; COUNT], [u64; COUNT])> {
    let each = |told: &genai_prices::Usage| {
        let price = list.price(provider, model, at, way, told).ok()?;
        Some([price.input_price, price.output_price].map(|usd| femtos_each(usd, MILLION)))
    };
    let plain = plain_to_library(MILLION, MILLION);
    let mut all_sound = plain.clone();
    for class in &CLASSES {
        tell(&mut all_sound, class.as_str(), MILLION);
    }
    Some((each(&plain)?, each(&all_sound)?))
}

impl Pricing {
    /// What a token of this class is counted at, in femto-dollars, where the model's own rate for it is not known, and how
    /// much that is above the rate of text.
    pub(super) fn apart(
        &self,
        provider: &str,
        model: &str,
        at: DateTime<Utc>,
        way: Processing<'_>,
        class: &str,
    ) -> Option<(u64, u64)> {
        let class = CLASSES.iter().position(|known| known.as_str() == class)?;
        let alone = SOUND_ALONE.iter().any(|name| model.contains(name));
        if alone || !PROVIDERS.iter().any(|known| known.eq_ignore_ascii_case(provider)) {
            return None;
        }
        let (text, sound) = text_and_sound(&self.list, provider, model, at, way)?;
        // A model with one of the rates has no sound on its other side.
        if text != sound {
            return None;
        }
        let candidates = self.dearest.candidates(&self.list, provider, at, way);
        let rates = candidates.iter().filter_map(|other| own_rates(&self.list, provider, other, at, way));
        let dearest = rates.map(|rates| rates[class]).max()?;
        dearest.checked_sub(text[class]).filter(|above| *above > 0).map(|above| (dearest, above))
    }
}
