//! Notifications: hands a notice to the desktop, and hears what its reader clicked.
//!
//! Everything here has an end: asking the desktop is given a few seconds, hearing the click an hour, and of the notices
//! that wait for one the oldest gives way. Deliberately not here: what a notice says (`words`), which notices are due and
//! which were delivered (the ledger knows), and any sound.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use notify_rust::Notification;
use tokio::task::AbortHandle;

use crate::words::{Notice, NoticeAction};

const APP_NAME: &str = "Spendlight";

/// A daemon that has not answered by now will not.
const SHOW_TIMEOUT: Duration = Duration::from_secs(5);

/// A click is heard for this long. A notice clicked later, in a list of old ones, does nothing.
const CLICK_TIMEOUT: Duration = Duration::from_secs(3_600);

/// So many notices may wait for a click at once: each holds a connection to the session's bus.
const WAITING_MAX: usize = 16;

/// Why a notice was not shown.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// There is no session bus, no daemon, or the daemon refused.
    #[error("the desktop did not take the notification: {0}")]
    Refused(#[from] notify_rust::error::Error),
    #[error("the desktop did not answer within {} seconds", SHOW_TIMEOUT.as_secs())]
    Silent,
}

/// Shows notices and remembers which of them wait for a click.
#[derive(Debug, Default)]
pub struct Speaker {
    waiting: Mutex<VecDeque<AbortHandle>>,
}

impl Speaker {
    /// Shows a notice. `on_action` is called at most once, with what was clicked; a click beside the buttons is `Open`.
    ///
    /// # Errors
    /// The desktop has no notification daemon, or it refused or did not answer in time.
    pub async fn show(
        &self,
        notice: &Notice,
        on_action: impl FnOnce(NoticeAction) + Send + 'static,
    ) -> Result<(), NotifyError> {
        let shown = shown(notice).await?;
        self.hear(async move {
            if let Ok(Some(action)) = tokio::time::timeout(CLICK_TIMEOUT, desktop::clicked(&shown)).await {
                on_action(action);
            }
        });
        Ok(())
    }

    /// Shows a notice until `end`, and then takes it away if it is still there. The rest is as [`Speaker::show`] does it.
    ///
    /// # Errors
    /// As [`Speaker::show`].
    pub async fn show_until(
        &self,
        notice: &Notice,
        end: impl Future<Output = ()> + Send + 'static,
        on_action: impl FnOnce(NoticeAction) + Send + 'static,
    ) -> Result<(), NotifyError> {
        let shown = shown(notice).await?;
        self.hear(async move {
            tokio::select! {
                action = desktop::clicked(&shown) => if let Some(action) = action {
                    on_action(action);
                },
                () = end => desktop::take_away(&shown).await,
            }
        });
        Ok(())
    }

    /// Waits for a click in the background, in the place of the oldest when there are many.
    fn hear(&self, click: impl Future<Output = ()> + Send + 'static) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|task| !task.is_finished());
        while waiting.len() >= WAITING_MAX {
            if let Some(oldest) = waiting.pop_front() {
                oldest.abort();
            }
        }
        waiting.push_back(tokio::spawn(click).abort_handle());
    }
}

async fn shown(notice: &Notice) -> Result<desktop::Shown, NotifyError> {
    let shown = tokio::time::timeout(SHOW_TIMEOUT, desktop::show(prepared(notice)));
    Ok(shown.await.map_err(|_| NotifyError::Silent)??)
}

fn prepared(notice: &Notice) -> Notification {
    let mut notification = Notification::new();
    notification.appname(APP_NAME).summary(&notice.title).body(&notice.body);
    desktop::dress(&mut notification, notice);
    notification
}

/// The freedesktop notifications, over the session's bus.
#[cfg(all(unix, not(target_os = "macos")))]
mod desktop {
    use notify_rust::{Hint, Notification, NotificationResponse, Urgency};

    pub use notify_rust::NotificationHandle as Shown;

    use crate::domain::standing::Level;
    use crate::words::{Notice, NoticeAction};

    /// The name under which packages install the icon; without one the daemon shows its own.
    const ICON: &str = "spendlight-tray";

    /// The key the specification gives to a click on the notification itself.
    const DEFAULT: &str = "default";

    pub fn dress(notification: &mut Notification, notice: &Notice) {
        // A critical notification stays until it is dismissed: that is right for a budget that denies, or soon will,
        // and too much for a first word of warning.
        let urgency = match notice.urgent {
            Level::Ok => Urgency::Low,
            Level::Warning => Urgency::Normal,
            Level::Critical | Level::Exceeded => Urgency::Critical,
        };
        notification.icon(ICON).urgency(urgency).hint(Hint::SuppressSound(true));
        // A daemon that has no buttons ignores them, so there is no need to ask it first.
        notification.action(DEFAULT, NoticeAction::Open.label());
        for action in &notice.actions {
            notification.action(action.key(), action.label());
        }
    }

    pub async fn show(notification: Notification) -> Result<Shown, notify_rust::error::Error> {
        notification.show_async().await
    }

    /// What was clicked; none when the notification went away otherwise.
    pub async fn clicked(shown: &Shown) -> Option<NoticeAction> {
        let mut clicked = None;
        let heard = |response: &NotificationResponse| {
            clicked = match response {
                NotificationResponse::Default => Some(NoticeAction::Open),
                NotificationResponse::Action(key) => NoticeAction::ALL.into_iter().find(|action| action.key() == key),
                _ => None,
            };
        };
        shown.wait_for_action_async(heard).await;
        clicked
    }

    pub async fn take_away(shown: &Shown) {
        shown.close_async().await;
    }
}

/// Elsewhere a notification has no buttons, and its click is the system's.
#[cfg(not(all(unix, not(target_os = "macos"))))]
mod desktop {
    use notify_rust::Notification;

    use crate::words::{Notice, NoticeAction};

    /// Nothing is kept of one that is shown.
    pub type Shown = ();

    pub fn dress(_: &mut Notification, _: &Notice) {}

    pub async fn show(notification: Notification) -> Result<Shown, notify_rust::error::Error> {
        let shown = tokio::task::spawn_blocking(move || notification.show().map(drop)).await;
        shown.unwrap_or_else(|_| Err("the notification was given up".into()))
    }

    pub async fn clicked((): &Shown) -> Option<NoticeAction> {
        None
    }

    /// The system takes it away.
    pub async fn take_away((): &Shown) {}
}
