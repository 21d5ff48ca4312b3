//! Rules of the house that nobody should have to plead for: who may use whom, what a file begins with, and what is named
//! in one place alone.

use std::fs;
use std::path::{Path, PathBuf};

/// Every room and what it may use, lowest first: arrows point up this list only.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("locale", &[]),
    ("chart", &["locale"]),
    ("clock", &[]),
    ("paths", &[]),
    ("port", &[]),
    ("eager", &[]),
    ("login", &["paths"]),
    ("events", &[]),
    ("providers", &["domain"]),
    ("words", &["domain", "locale"]),
    ("pricing", &["domain"]),
    ("config", &["providers", "pricing"]),
    ("ledger", &["domain", "pricing", "paths"]),
    ("meter", &["domain", "chart", "clock", "paths", "providers", "words", "pricing", "ledger"]),
    ("notify", &["domain", "words"]),
    ("keychain", &["paths"]),
    (
        "http",
        &[
            "domain",
            "locale",
            "chart",
            "paths",
            "events",
            "providers",
            "words",
            "pricing",
            "ledger",
            "meter",
            "notify",
            "keychain",
            "login",
        ],
    ),
    ("proxy", &["domain", "eager", "config", "providers", "words", "meter", "keychain", "http"]),
    ("deliver", &["domain", "words", "meter", "http"]),
    ("upkeep", &["words", "meter", "http"]),
    (
        "server",
        &[
            "clock", "paths", "port", "eager", "config", "ledger", "meter", "notify", "keychain", "http", "proxy",
            "deliver", "upkeep", "words",
        ],
    ),
    ("cli", &["domain", "locale", "clock", "paths", "words", "config", "ledger", "http", "server"]),
    (
        "desktop",
        &["domain", "chart", "paths", "events", "words", "ledger", "meter", "http", "deliver", "notify", "server"],
    ),
    ("tray", &["locale", "paths", "events", "login", "ledger", "http", "deliver", "server", "cli", "desktop"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "gen" && name != "target") {
                found.extend(files(&path, endings));
            }
        } else if endings.iter().any(|ending| path.extension().is_some_and(|e| e == *ending)) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(PathBuf, String)> {
    files(&root().join("src-tauri/src"), &["rs"])
}

fn is_test(path: &Path) -> bool {
    let name = path.file_stem().unwrap().to_string_lossy();
    name == "tests" || name.ends_with("_tests") || path.components().any(|part| part.as_os_str() == "tests")
}

/// The code of a file that ships: without comments, and without the tests at its end.
fn code(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    shipped.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The room that a file is part of.
fn room(path: &Path) -> String {
    let within = path.strip_prefix(root().join("src-tauri/src")).unwrap();
    let first = within.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The rooms that code names as `crate::room` or within `crate::{…}`.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            found.push(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && c.is_ascii_lowercase() => {
                    found.push(word(&group[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn rooms_use_only_what_lies_below_them() {
    for (index, (room, uses)) in ROOMS.iter().enumerate() {
        for used in *uses {
            assert!(ROOMS[..index].iter().any(|(below, _)| below == used), "{room} may not look up to {used}");
        }
    }
    for (path, text) in sources() {
        let room = room(&path);
        if is_test(&path) || ["lib", "bin"].contains(&room.as_str()) {
            continue;
        }
        let Some((_, uses)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            panic!("the room {room} has no place in the map above: give it one")
        };
        for used in named(&code(&text)) {
            if ROOMS.iter().any(|(name, _)| *name == used) {
                assert!(used == room || uses.contains(&used.as_str()), "{} may not use {used}", path.display());
            }
        }
    }
}

#[test]
fn every_room_is_in_the_map_of_the_library() {
    let map = fs::read_to_string(root().join("src-tauri/src/lib.rs")).unwrap();
    for (path, _) in sources() {
        let room = room(&path);
        if !["lib", "bin"].contains(&room.as_str()) {
            assert!(map.contains(&format!("pub mod {room};")), "{room} must be in the map");
        }
    }
}

/// What is named in one place alone: a word, where it may stand, and why.
const NAMED: &[(&str, &[&str], &str)] = &[
    ("tauri", &["desktop", "tray"], "the window's host stays at the edge"),
    ("rusqlite", &["ledger", "meter/mod.rs"], "the ledger is the only room with SQL"),
    ("genai_prices", &["pricing"], "one wrapper around the price library"),
    ("plotters", &["chart"], "one room draws"),
    ("notify_rust", &["notify/system"], "one file speaks to the desktop"),
    ("keyring", &["keychain/vault"], "one file speaks to the system's keychain"),
    ("auto_launch", &["login/system"], "one file speaks to the session of other systems"),
    ("gtk", &["desktop/dress"], "one file knows the toolkit below the window's host"),
    ("Utc::now", &["clock"], "one file asks the time"),
    ("Local::now", &["clock"], "one file asks the time"),
    ("SystemTime::now", &["clock"], "one file asks the time"),
    ("iana_time_zone", &["clock"], "one file asks the machine for its zone"),
];

#[test]
fn what_belongs_to_one_place_is_named_there_alone() {
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        let within = path.strip_prefix(root().join("src-tauri/src")).unwrap().to_string_lossy().replace('\\', "/");
        let code = code(&text);
        for (word, places, why) in NAMED {
            let allowed = places.iter().any(|place| within.starts_with(place));
            let uses = code.contains(&format!("{word}::"))
                || code.contains(&format!("{word}("))
                || code.contains(&format!("use {word}"));
            assert!(allowed || !uses, "{within} names {word}: {why}");
        }
    }
}

#[test]
fn every_file_opens_with_its_reason() {
    let mut all = sources();
    all.extend(files(&root().join("tests"), &["rs"]));
    all.extend(files(&root().join("ui"), &["js", "css"]));
    for (path, text) in all {
        let opening = if path.extension().is_some_and(|e| e == "rs") { &["//!"][..] } else { &["//", "/*"] };
        let opens = opening.iter().any(|comment| text.starts_with(comment));
        assert!(opens, "{} must open with a comment that tells its reason", path.display());
        assert!(text.lines().count() <= 500, "{} is over 500 lines: part it", path.display());
    }
}

#[test]
fn pages_are_built_from_text_and_talk_outward_in_one_file() {
    for (path, text) in files(&root().join("ui"), &["js", "html"]) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!text.contains(word), "{name} uses {word}: what is shown is text");
        }
        for word in ["fetch(", "EventSource(", "XMLHttpRequest", "__TAURI__"] {
            // The snippets are text for a reader to copy.
            let may = ["api.js", "snippets.js"].contains(&name.as_str());
            assert!(may || !code(&text).contains(word), "{name} uses {word}: only api.js talks outward");
        }
        for word in ["http://", "https://"] {
            let foreign = text.split(word).skip(1).any(|rest| {
                !["127.0.0.1", "localhost", "www.w3.org", "ipc.localhost"].iter().any(|own| rest.starts_with(own))
            });
            assert!(!foreign || name != "index.html", "{name} loads something from elsewhere");
        }
    }
}

/// FNV-1a: enough to notice an edit.
fn fingerprint(text: &str) -> u64 {
    let lines = text.bytes().filter(|byte| *byte != b'\r');
    lines.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The migrations as they were released: what users' ledgers were made with is never edited, only followed by another.
const MIGRATIONS: &[(&str, u64)] = &[
    ("0001_first.sql", 9_346_642_478_527_321_012),
    ("0002_keys.sql", 3_961_914_474_803_242_967),
    ("0003_ask.sql", 10_611_249_602_457_509_411),
    ("0004_counted.sql", 4_979_866_026_152_519_223),
    ("0005_by_time.sql", 3_538_718_547_234_448_740),
    ("0006_waiting.sql", 16_686_760_798_894_093_555),
    ("0007_snooze.sql", 13_302_633_856_455_351_808),
    ("0008_gone.sql", 7_146_250_204_423_468_832),
    ("0009_prices_since.sql", 10_974_869_990_189_224_829),
    ("0010_denials.sql", 13_165_501_628_625_040_450),
];

#[test]
fn migrations_are_never_edited() {
    let folder = root().join("src-tauri/src/ledger/migrations");
    let found = files(&folder, &["sql"]);
    assert_eq!(found.len(), MIGRATIONS.len(), "a new migration is written down here");
    for ((path, text), (name, expected)) in found.iter().zip(MIGRATIONS) {
        assert!(path.ends_with(name), "migrations are numbered: {}", path.display());
        assert_eq!(fingerprint(text), *expected, "{name} must not be edited: write another one after it");
    }
}
