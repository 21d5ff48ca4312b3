//! Notifications: hands a notice to the desktop, and hears what its reader clicked.
//!
//! Everything here has an end: asking the desktop is given a few seconds, hearing the click an hour, and of the notices
//! that wait for one the oldest gives way. Deliberately not here: what a notice says (`words`), and which notices are due
//! and which were delivered (the ledger knows).

mod system;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::task::AbortHandle;

use crate::words::{Notice, NoticeAction};

pub use system::SystemDesktop;

/// A service that has not answered by now will not.
const SHOW_TIMEOUT: Duration = Duration::from_secs(5);

/// A click is heard for this long. A notice clicked later, in a list of old ones, does nothing.
const CLICK_TIMEOUT: Duration = Duration::from_secs(3_600);

/// So many notices may wait for a click at once: each holds a connection to the session's bus.
const WAITING_MAX: usize = 16;

/// Why a notice was not shown, as the end of a sentence.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotifyError {
    #[error("no desktop can be reached from here")]
    NoBus,
    #[error("no program on this desktop shows notifications")]
    NoService,
    #[error("the desktop did not answer within {} seconds", SHOW_TIMEOUT.as_secs())]
    Silent,
    #[error("the desktop refused it: {0}")]
    Refused(String),
}

/// The desktop, or what stands for it in a test.
pub trait Desktop: Send + Sync + 'static {
    /// Shows a notice.
    fn show<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<Box<dyn Shown>, NotifyError>>;

    /// The program that shows notices, by its own name, where it tells one.
    fn service(&self) -> BoxFuture<'_, Option<String>>;
}

/// A notice that was shown.
pub trait Shown: Send + Sync {
    /// What was clicked; none when the notice went away otherwise.
    fn clicked(&self) -> BoxFuture<'_, Option<NoticeAction>>;

    fn take_away(&self) -> BoxFuture<'_, ()>;
}

/// Shows notices and remembers which of them wait for a click.
pub struct Speaker {
    desktop: Box<dyn Desktop>,
    waiting: Mutex<VecDeque<AbortHandle>>,
}

impl Speaker {
    pub fn new(desktop: impl Desktop) -> Speaker {
        Speaker { desktop: Box::new(desktop), waiting: Mutex::default() }
    }

    /// Shows a notice. `on_action` is called at most once, with what was clicked; a click beside the buttons is `Open`.
    ///
    /// # Errors
    /// The desktop has nothing that shows notices, or that refused or did not answer in time.
    pub async fn show(
        &self,
        notice: &Notice,
        on_action: impl FnOnce(NoticeAction) + Send + 'static,
    ) -> Result<(), NotifyError> {
        let shown = self.shown(notice).await?;
        self.hear(async move {
            if let Ok(Some(action)) = tokio::time::timeout(CLICK_TIMEOUT, shown.clicked()).await {
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
        let shown = self.shown(notice).await?;
        self.hear(async move {
            tokio::select! {
                action = shown.clicked() => if let Some(action) = action {
                    on_action(action);
                },
                () = end => shown.take_away().await,
            }
        });
        Ok(())
    }

    /// The program that shows notices, by its own name, where it tells one in time.
    pub async fn service(&self) -> Option<String> {
        tokio::time::timeout(SHOW_TIMEOUT, self.desktop.service()).await.ok().flatten()
    }

    async fn shown(&self, notice: &Notice) -> Result<Box<dyn Shown>, NotifyError> {
        tokio::time::timeout(SHOW_TIMEOUT, self.desktop.show(notice)).await.map_err(|_| NotifyError::Silent)?
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
