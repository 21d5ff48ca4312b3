//! Where the reader is: what the system names as the locales of numbers and of dates.
//!
//! Whatever people read asks here how it is written; what machines read never does.

pub mod date;
pub mod numeral;

/// What a system may name a locale of its own for.
#[derive(Debug, Clone, Copy)]
enum Category {
    Numbers,
    Dates,
}

/// Has numbers and dates written as the system says from now on. To be called once, when a program begins; until then, and
/// where the system says nothing that is understood, they are written as their own rooms say.
pub fn follow_the_system() {
    if let Some(locale) = of_the_system(Category::Numbers) {
        numeral::follow(&locale);
    }
    if let Some(locale) = of_the_system(Category::Dates) {
        date::follow(&locale);
    }
}

/// Source: POSIX, "Environment Variables": the first that is set and not empty.
#[cfg(target_os = "linux")]
fn of_the_system(category: Category) -> Option<String> {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let own = match category {
        Category::Numbers => "LC_NUMERIC",
        Category::Dates => "LC_TIME",
    };
    posix(&["LC_ALL", own, "LANG"].iter().find_map(set)?)
}

#[cfg(not(target_os = "linux"))]
fn of_the_system(_: Category) -> Option<String> {
    sys_locale::get_locale()
}

/// "de_DE.UTF-8@euro" as "de-DE"; None for the locale of no language.
#[cfg(target_os = "linux")]
fn posix(name: &str) -> Option<String> {
    let language = name.split(['.', '@']).next().unwrap_or_default();
    (!matches!(language, "C" | "POSIX" | "")).then(|| language.replace('_', "-"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::posix;

    #[test]
    fn the_systems_locale_is_understood() {
        let cases = [
            ("de_DE.UTF-8", Some("de-DE")),
            ("de_AT@euro", Some("de-AT")),
            ("fr", Some("fr")),
            ("C", None),
            ("C.UTF-8", None),
            ("POSIX", None),
        ];
        for (name, locale) in cases {
            assert_eq!(posix(name).as_deref(), locale, "{name}");
        }
    }
}
