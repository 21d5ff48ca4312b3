//! The menu's rules: what stands in it, in which order, for which status.

use super::super::status::{Line, Question, Window};
use super::*;

fn line(name: &str, percent: i64, level: &str, kind: &str) -> Line {
    Line {
        budget: name.to_lowercase().replace(' ', "-"),
        name: name.to_owned(),
        menu_line: format!("{name}  {percent} %"),
        percent,
        level: level.to_owned(),
        window: Window { kind: kind.to_owned() },
    }
}

fn status(budgets: Vec<Line>) -> Status {
    Status {
        short: "All budgets are on pace".into(),
        budgets,
        address: Some("127.0.0.1:7575".into()),
        ..Status::default()
    }
}

/// The menu as its reader sees it; what cannot be chosen stands in brackets.
fn shown(status: &Status) -> Vec<String> {
    items(status)
        .into_iter()
        .map(|item| match item {
            Item::Line(text, Some(_)) => text,
            Item::Line(text, None) => format!("[{text}]"),
            Item::Separator => "-".to_owned(),
            Item::Submenu(text, lines) => {
                let lines: Vec<_> =
                    lines.into_iter().map(|i| if let Item::Line(text, _) = i { text } else { "-".into() }).collect();
                format!("{text} > {}", lines.join(" | "))
            }
        })
        .collect()
}

#[test]
fn the_menu_has_its_order() {
    let two = status(vec![line("OpenAI today", 64, "ok", "day"), line("Gemini this month", 82, "warning", "month")]);
    let expected = [
        "[All budgets are on pace]",
        "-",
        "OpenAI today  64 %",
        "Gemini this month  82 %",
        "-",
        "Open Spendlight",
        "Alerts",
        "-",
        "Pause all calls",
        "Raise until midnight > OpenAI today…",
        "-",
        "Copy address 127.0.0.1:7575",
        "Settings…",
        "-",
        "Quit Spendlight",
    ];
    assert_eq!(shown(&two), expected);
}

#[test]
fn a_status_changes_its_lines() {
    let paused = Status { state: "paused".into(), alerts_new: 2, address: None, ..status(vec![]) };
    let shown = shown(&paused);
    assert!(shown.contains(&"Resume calls".to_owned()) && !shown.contains(&"Pause all calls".to_owned()));
    assert!(shown.contains(&"Alerts, 2 new".to_owned()));
    assert!(shown.contains(&"[Not listening: port in use]".to_owned()));
    assert!(!shown.windows(2).any(|pair| pair[0] == "-" && pair[1] == "-"), "no empty part: {shown:?}");
}

#[test]
fn a_call_that_waits_is_answered_from_the_menu() {
    let asks = |id: &str| Question { id: id.to_owned(), title: format!("OpenAI today would go over $1.0{id}") };
    let asked = Status { questions: (0..4).map(|n| asks(&n.to_string())).collect(), ..status(vec![]) };
    let shown = shown(&asked);
    assert_eq!(shown[2], "OpenAI today would go over $1.00 > Allow once | Raise until midnight | Deny");
    assert_eq!((shown[5].as_str(), shown[6].as_str()), ("-", "Open Spendlight"), "three at the most: {shown:?}");
}

#[test]
fn at_most_eight_budgets_and_then_the_worst_first() {
    let mut nine: Vec<_> = (0..9).map(|i| line(&format!("B{i}"), 10 * i, "ok", "month")).collect();
    nine[3].level = "warning".into();
    let shown = shown(&status(nine));
    assert_eq!(shown[2], "B3  30 %", "a warning comes before a fuller budget that is fine");
    assert_eq!(shown[3], "B8  80 %");
    assert_eq!(shown[10], "-", "eight lines, then the next part");
}

#[test]
fn every_choice_is_known_by_its_id() {
    for choice in [
        Choice::Open,
        Choice::Budget("a:b".into()),
        Choice::Raise("x".into()),
        Choice::Answer("allow_once", "0193".into()),
        Choice::Quit,
        Choice::Resume,
    ] {
        assert_eq!(Choice::from_id(&choice.id()), Some(choice));
    }
    assert_eq!(Choice::from_id(""), None, "a line that is only read means nothing");
}
