//! The tray's menu: what stands in it for a status, and what each entry means when it is chosen.
//!
//! A menu is first a plain list, which can be compared, so that the desktop is only told of real changes. Deliberately
//! not here: doing what was chosen.

use tray_icon::menu::{Menu, MenuItem, PredefinedMenuItem, Result, Submenu};

use super::status::Status;

/// Budgets in the menu; beyond, the worst are shown.
const BUDGETS_MAX: usize = 8;

/// Questions in the menu; the window shows them all.
const QUESTIONS_MAX: usize = 3;

/// The answers, as the wire spells them and as they are read.
const ANSWERS: [(&str, &str); 3] = [("allow_once", "Allow once"), ("raise", "Raise until midnight"), ("deny", "Deny")];

/// What an entry of the menu means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Open,
    /// The dashboard, at a budget.
    Budget(String),
    Alerts,
    Pause,
    Resume,
    /// The settings, where a budget is raised.
    Raise(String),
    /// An answer, as the wire spells it, to a question.
    Answer(&'static str, String),
    Copy,
    Settings,
    Quit,
}

impl Choice {
    fn id(&self) -> String {
        match self {
            Choice::Open => "open".to_owned(),
            Choice::Budget(id) => format!("budget:{id}"),
            Choice::Alerts => "alerts".to_owned(),
            Choice::Pause => "pause".to_owned(),
            Choice::Resume => "resume".to_owned(),
            Choice::Raise(id) => format!("raise:{id}"),
            Choice::Answer(answer, question) => format!("answer-{answer}:{question}"),
            Choice::Copy => "copy".to_owned(),
            Choice::Settings => "settings".to_owned(),
            Choice::Quit => "quit".to_owned(),
        }
    }

    pub fn from_id(id: &str) -> Option<Choice> {
        if let Some(budget) = id.strip_prefix("budget:") {
            return Some(Choice::Budget(budget.to_owned()));
        }
        if let Some(budget) = id.strip_prefix("raise:") {
            return Some(Choice::Raise(budget.to_owned()));
        }
        if let Some((answer, question)) = id.strip_prefix("answer-").and_then(|rest| rest.split_once(':')) {
            let (answer, _) = ANSWERS.into_iter().find(|(word, _)| *word == answer)?;
            return Some(Choice::Answer(answer, question.to_owned()));
        }
        let plain =
            [Choice::Open, Choice::Alerts, Choice::Pause, Choice::Resume, Choice::Copy, Choice::Settings, Choice::Quit];
        plain.into_iter().find(|choice| choice.id() == id)
    }
}

/// An entry of the menu, before it is one of the desktop's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line that can be chosen, or only read.
    Line(String, Option<Choice>),
    Separator,
    Submenu(String, Vec<Item>),
}

/// What stands in the menu.
pub fn items(status: &Status) -> Vec<Item> {
    let chosen = |text: &str, choice: Choice| Item::Line(text.to_owned(), Some(choice));
    let mut items = vec![Item::Line(status.short.clone(), None), Item::Separator];
    items.extend(status.questions.iter().take(QUESTIONS_MAX).map(question));
    if !status.questions.is_empty() {
        items.push(Item::Separator);
    }
    items.extend(budgets(status));
    if !status.budgets.is_empty() {
        items.push(Item::Separator);
    }
    items.push(chosen("Open Spendlight", Choice::Open));
    items.push(match status.alerts_new {
        0 => chosen("Alerts", Choice::Alerts),
        n => chosen(&format!("Alerts, {n} new"), Choice::Alerts),
    });
    items.push(Item::Separator);
    let paused = status.state == "paused";
    items.push(if paused { chosen("Resume calls", Choice::Resume) } else { chosen("Pause all calls", Choice::Pause) });
    items.push(Item::Submenu("Raise until midnight".to_owned(), raisable(status)));
    items.push(Item::Separator);
    items.push(match &status.address {
        Some(address) => chosen(&format!("Copy address {address}"), Choice::Copy),
        None => Item::Line("Not listening: port in use".to_owned(), None),
    });
    items.push(chosen("Settings…", Choice::Settings));
    items.push(Item::Separator);
    items.push(chosen("Quit Spendlight", Choice::Quit));
    items
}

/// What is asked, and under it the answers.
fn question(question: &super::status::Question) -> Item {
    let line = |(answer, text): (&'static str, &str)| {
        Item::Line(text.to_owned(), Some(Choice::Answer(answer, question.id.clone())))
    };
    Item::Submenu(question.title.clone(), ANSWERS.into_iter().map(line).collect())
}

/// A line for each budget in their own order, or the worst first when not all have room.
fn budgets(status: &Status) -> Vec<Item> {
    let mut lines: Vec<_> = status.budgets.iter().collect();
    if lines.len() > BUDGETS_MAX {
        lines.sort_by_key(|line| std::cmp::Reverse(line.badness()));
        lines.truncate(BUDGETS_MAX);
    }
    let item =
        |line: &&super::status::Line| Item::Line(line.menu_line.clone(), Some(Choice::Budget(line.budget.clone())));
    lines.iter().map(item).collect()
}

/// The daily budgets. Each line ends in dots: a figure is asked for.
fn raisable(status: &Status) -> Vec<Item> {
    let daily = status.budgets.iter().filter(|line| line.window.kind == "day");
    daily.map(|line| Item::Line(format!("{}…", line.name), Some(Choice::Raise(line.budget.clone())))).collect()
}

/// Builds the desktop's menu.
///
/// # Errors
/// The desktop refused an entry.
pub fn build(items: &[Item]) -> Result<Menu> {
    let menu = Menu::new();
    for item in items {
        match item {
            Item::Line(text, choice) => menu.append(&line(text, choice.as_ref()))?,
            Item::Separator => menu.append(&PredefinedMenuItem::separator())?,
            Item::Submenu(text, lines) => {
                let submenu = Submenu::new(escaped(text), !lines.is_empty());
                for item in lines {
                    if let Item::Line(text, choice) = item {
                        submenu.append(&line(text, choice.as_ref()))?;
                    }
                }
                menu.append(&submenu)?;
            }
        }
    }
    Ok(menu)
}

fn line(text: &str, choice: Option<&Choice>) -> MenuItem {
    let id = choice.map_or_else(String::new, Choice::id);
    MenuItem::with_id(id, escaped(text), choice.is_some(), None)
}

/// In a menu's text `&` marks the letter that opens it; a budget's name may hold one of its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&&")
}

#[cfg(test)]
#[path = "menu_tests.rs"]
mod tests;
