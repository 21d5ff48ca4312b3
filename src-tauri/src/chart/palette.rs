//! Which colour a series wears: its provider's hue, in steps of lightness where several share one, or where it has no one
//! provider, as a project and a session have none, a hue of its own.
//!
//! The hues are the windows' `--s-…` tokens, and a provider wears its own wherever it is drawn. Not here: the
//! chart's own ink, see `theme`; and which series there are and in what order, which is the caller's choice.

use super::theme;
use plotters::style::RGBColor;

/// A series' colour in both themes, as `#RRGGBB`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesColour {
    pub light: String,
    pub dark: String,
}

/// Provider, light, dark.
const HUES: [(&str, &str, &str); 8] = [
    ("openai", "#16A08B", "#4CCDB5"),
    ("gemini", "#2F5FD6", "#5583F2"),
    ("anthropic", "#944795", "#C07CC4"),
    ("groq", "#7A66D6", "#A696F5"),
    ("mistral", "#9A7B45", "#C5A56B"),
    ("openrouter", "#5F6B7D", "#8D99AB"),
    ("cerebras", "#368DB3", "#62BBE0"),
    ("deepseek", "#5A55C9", "#8C88F0"),
];
const OTHER: (&str, &str) = ("#818894", "#7C8490");

/// The hues of series without a provider, the largest first: each far from the one before, since it lies beside it.
const OWN: [&str; 6] = ["openai", "anthropic", "mistral", "gemini", "cerebras", "groq"];
/// The key of the series that takes in all the smaller ones.
pub const REST: &str = "other";

/// Lightness from one series of a hue to the next, in parts of 1.
const STEP: f64 = 0.12;
/// Where a hue would fade into the background; a crowd that would step past it takes smaller, even steps.
const LIGHTEST: f64 = 0.82;
const DARKEST: f64 = 0.25;

/// Colours for series given as `(key, provider)`, the largest first.
///
/// In a chart by provider the key is the provider. Otherwise a series takes its provider's hue: the largest of a hue
/// wears it as it is, each further one is 12 % lighter in the light theme and darker in the dark one. A series without a
/// provider has a hue to itself. Providers without a hue of their own, what is not attributed, and the rest share a grey.
pub fn palette(series: &[(Option<&str>, Option<&str>)], by_provider: bool) -> Vec<SeriesColour> {
    let mut own = OWN.into_iter();
    let mut hue = |&(key, provider): &(Option<&str>, Option<&str>)| {
        let name = match (key, provider) {
            (key, _) if by_provider => key,
            (Some(key), None) if key != REST => own.next(),
            (_, provider) => provider,
        };
        HUES.iter().position(|(hue, ..)| name == Some(hue))
    };
    let hues: Vec<_> = series.iter().map(&mut hue).collect();
    hues.iter()
        .enumerate()
        .map(|(index, hue)| {
            let (light, dark) = hue.map_or(OTHER, |hue| (HUES[hue].1, HUES[hue].2));
            let larger = hues[..index].iter().filter(|other| *other == hue).count();
            let sharing = hues.iter().filter(|other| *other == hue).count();
            SeriesColour {
                light: shaded(light, LIGHTEST, larger, sharing),
                dark: shaded(dark, DARKEST, larger, sharing),
            }
        })
        .collect()
}

/// `base` taken `place` steps of lightness towards `limit`, where `sharing` series share the way, by mixing in white
/// or black: turning up the lightness alone would make pastels glare.
fn shaded(base: &str, limit: f64, place: usize, sharing: usize) -> String {
    let Ok(RGBColor(red, green, blue)) = theme::hex(base) else {
        return base.to_owned();
    };
    let parts = [red, green, blue].map(|part| f64::from(part) / 255.0);
    let most = parts.into_iter().fold(0.0, f64::max);
    let least = parts.into_iter().fold(1.0, f64::min);
    let lightness = (most + least) / 2.0;

    let room = limit - lightness;
    let steps = sharing.saturating_sub(1).max(1) as f64;
    let moved = STEP.min(room.abs() / steps) * place as f64;
    let (end, way) = if room > 0.0 { (1.0, 1.0 - lightness) } else { (0.0, lightness) };
    let [red, green, blue] = parts.map(|part| {
        let mixed = part + (end - part) * moved / way;
        (mixed.clamp(0.0, 1.0) * 255.0).round() as u8
    });
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lights(series: &[(Option<&str>, Option<&str>)], by_provider: bool) -> Vec<String> {
        let colours = palette(series, by_provider).into_iter();
        colours.map(|colour| colour.light).collect()
    }

    /// HSL lightness in percent.
    fn lightness(colour: &str) -> f64 {
        let RGBColor(red, green, blue) = theme::hex(colour).unwrap();
        let most = red.max(green).max(blue);
        let least = red.min(green).min(blue);
        (f64::from(most) + f64::from(least)) / 5.1
    }

    #[test]
    fn a_provider_wears_its_own_hue_and_an_unknown_one_grey() {
        let providers = [(Some("anthropic"), None), (Some("openai"), None), (Some("ollama"), None)];
        assert_eq!(lights(&providers, true), ["#944795", "#16A08B", "#818894"]);
        assert_eq!(palette(&providers, true)[1].dark, "#4CCDB5");
    }

    #[test]
    fn models_step_by_12_percent_from_their_providers_hue_the_largest_first() {
        let openai = |model| (Some(model), Some("openai"));
        let models = [openai("a"), (Some("b"), Some("gemini")), openai("c"), openai("d")];
        let colours = palette(&models, false);
        assert_eq!(colours[0].light, "#16A08B", "the largest is darkest on light");
        assert_eq!(colours[0].dark, "#4CCDB5", "and lightest on dark");
        assert_eq!(colours[1].light, "#2F5FD6", "another hue starts afresh");
        for (one, next) in [(0, 2), (2, 3)] {
            let step = lightness(&colours[next].light) - lightness(&colours[one].light);
            assert!((step - 12.0).abs() < 0.5, "12 % lighter, not {step}");
            let step = lightness(&colours[next].dark) - lightness(&colours[one].dark);
            assert!((step + 12.0).abs() < 0.5, "12 % darker, not {step}");
        }
    }

    #[test]
    fn projects_have_hues_of_their_own_and_the_rest_is_grey() {
        let keys = ["a", "b", "c", "d", "e", "f", REST].map(|key| (Some(key), None));
        let colours = lights(&keys, false);
        assert_eq!(colours, ["#16A08B", "#944795", "#9A7B45", "#2F5FD6", "#368DB3", "#7A66D6", "#818894"]);
        assert_eq!(lights(&[(None, None), (Some("a"), None)], false), ["#818894", "#16A08B"]);
    }

    #[test]
    fn what_is_not_attributed_and_other_are_told_apart() {
        let colours = lights(&[(Some("other"), None), (None, None)], false);
        assert_eq!(colours[0], "#818894");
        assert_ne!(colours[0], colours[1]);
    }

    proptest! {
        #[test]
        fn up_to_seven_series_have_seven_colours_that_are_colours(
            names in prop::collection::vec(0_usize..10, 0..=7),
        ) {
            let provider = |&name: &usize| HUES.get(name).map(|hue| hue.0);
            let series: Vec<_> = names.iter().map(|name| (Some("model"), provider(name))).collect();
            let colours = palette(&series, false);
            prop_assert_eq!(colours.len(), series.len());
            for theme in [|c: &SeriesColour| c.light.clone(), |c: &SeriesColour| c.dark.clone()] {
                let mut seen: Vec<_> = colours.iter().map(theme).collect();
                prop_assert!(seen.iter().all(|colour| theme::hex(colour).is_ok()));
                seen.sort();
                seen.dedup();
                prop_assert_eq!(seen.len(), series.len(), "no two series share a colour");
            }
        }
    }
}
