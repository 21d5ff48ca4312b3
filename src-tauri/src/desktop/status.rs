//! The part of `GET /v1/status` that the tray shows.
//!
//! Every field has a default: a tray that cannot read one of them still shows the others.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub struct Status {
    /// "ok", "warning", "critical", "exceeded" or "paused".
    pub state: String,
    pub sentence: String,
    /// The sentence at the length of a menu.
    pub short: String,
    pub budgets: Vec<Line>,
    pub alerts_new: u64,
    /// The calls that wait for an answer.
    pub questions: Vec<Question>,
    /// Where scripts reach Spendlight; none when it is not listening.
    pub address: Option<String>,
}

/// A call that waits.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Question {
    pub id: String,
    /// "OpenAI today would go over $1.00".
    pub title: String,
}

/// A budget's line.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Line {
    /// The budget's id.
    pub budget: String,
    pub name: String,
    pub menu_line: String,
    pub percent: i64,
    pub level: String,
    pub window: Window,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Window {
    pub kind: String,
}

impl Default for Status {
    fn default() -> Status {
        Status {
            state: "ok".to_owned(),
            sentence: "Spendlight is starting".to_owned(),
            short: "Spendlight is starting".to_owned(),
            budgets: Vec::new(),
            alerts_new: 0,
            questions: Vec::new(),
            address: None,
        }
    }
}

impl Status {
    /// How full the gauge is: the share of the fullest budget, in percent of its limit.
    pub fn fill_percent(&self) -> u8 {
        let fullest = self.budgets.iter().map(|line| line.percent).max().unwrap_or(0);
        u8::try_from(fullest.clamp(0, 100)).unwrap_or(100)
    }
}

impl Line {
    /// Worse is greater.
    pub fn badness(&self) -> (u8, i64) {
        let level = match self.level.as_str() {
            "exceeded" => 3,
            "critical" => 2,
            "warning" => 1,
            _ => 0,
        };
        (level, self.percent)
    }
}
