//! This machine's desktop: the freedesktop notifications over the session's bus, or the system's own.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use notify_rust::Notification;

use super::{Desktop, NotifyError, Shown};
use crate::words::Notice;

const APP_NAME: &str = "Spendlight";

/// The desktop of whoever runs Spendlight.
pub struct SystemDesktop;

impl Desktop for SystemDesktop {
    fn show<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<Box<dyn Shown>, NotifyError>> {
        async move {
            let mut notification = Notification::new();
            notification.appname(APP_NAME).summary(&notice.title).body(&notice.body);
            platform::dress(&mut notification, notice);
            platform::show(notification).await
        }
        .boxed()
    }

    fn service(&self) -> BoxFuture<'_, Option<String>> {
        platform::service().boxed()
    }
}

/// The freedesktop notifications.
#[cfg(all(unix, not(target_os = "macos")))]
mod platform {
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use notify_rust::{Hint, Notification, NotificationHandle, NotificationResponse, Urgency};

    use crate::domain::standing::Level;
    use crate::notify::{NotifyError, Shown};
    use crate::words::{Notice, NoticeAction};

    /// The name under which packages install the icon; without one the service shows its own.
    const ICON: &str = "spendlight-tray";

    /// The key the specification gives to a click on the notification itself.
    const DEFAULT: &str = "default";

    /// A sound of the desktop's own theme.
    const SOUND: &str = "dialog-warning";

    pub fn dress(notification: &mut Notification, notice: &Notice) {
        // A critical notification stays until it is dismissed: that is right for a budget that denies, or soon will,
        // and too much for a first word of warning.
        let urgency = match notice.urgent {
            Level::Ok => Urgency::Low,
            Level::Warning => Urgency::Normal,
            Level::Critical | Level::Exceeded => Urgency::Critical,
        };
        let sound = if notice.sound { Hint::SoundName(SOUND.to_owned()) } else { Hint::SuppressSound(true) };
        notification.icon(ICON).urgency(urgency).hint(sound);
        // A service that has no buttons ignores them, so there is no need to ask it first.
        notification.action(DEFAULT, NoticeAction::Open.label());
        for action in &notice.actions {
            notification.action(action.key(), action.label());
        }
    }

    pub async fn show(notification: Notification) -> Result<Box<dyn Shown>, NotifyError> {
        match notification.show_async().await {
            Ok(shown) => Ok(Box::new(OnTheBus(shown))),
            Err(e) => Err(why(&e.to_string())),
        }
    }

    pub async fn service() -> Option<String> {
        // The library asks for it by waiting.
        let asked = tokio::task::spawn_blocking(notify_rust::get_server_information).await;
        asked.ok()?.ok().map(|service| service.name)
    }

    /// What an error of the library comes down to. It tells no more than its text: an answer of the bus begins with the
    /// error's name, and whatever else there is means that the bus was not reached.
    fn why(error: &str) -> NotifyError {
        let unknown = ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];
        if unknown.iter().any(|name| error.starts_with(name)) {
            return NotifyError::NoService;
        }
        match error.split_once(": ") {
            Some((name, what)) if name.contains('.') && !name.contains(' ') => NotifyError::Refused(what.to_owned()),
            _ => NotifyError::NoBus,
        }
    }

    struct OnTheBus(NotificationHandle);

    impl Shown for OnTheBus {
        fn clicked(&self) -> BoxFuture<'_, Option<NoticeAction>> {
            async {
                let mut clicked = None;
                let heard = |response: &NotificationResponse| {
                    clicked = match response {
                        NotificationResponse::Default => Some(NoticeAction::Open),
                        NotificationResponse::Action(key) => {
                            NoticeAction::ALL.into_iter().find(|action| action.key() == key)
                        }
                        _ => None,
                    };
                };
                self.0.wait_for_action_async(heard).await;
                clicked
            }
            .boxed()
        }

        fn take_away(&self) -> BoxFuture<'_, ()> {
            self.0.close_async().boxed()
        }
    }
}

/// Elsewhere a notification has no buttons, and its click is the system's.
#[cfg(not(all(unix, not(target_os = "macos"))))]
mod platform {
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use notify_rust::Notification;

    use crate::notify::{NotifyError, Shown};
    use crate::words::{Notice, NoticeAction};

    pub fn dress(_: &mut Notification, _: &Notice) {}

    pub async fn show(notification: Notification) -> Result<Box<dyn Shown>, NotifyError> {
        let refused = |e: &dyn std::fmt::Display| NotifyError::Refused(e.to_string());
        match tokio::task::spawn_blocking(move || notification.show().map(drop)).await {
            Ok(Ok(())) => Ok(Box::new(Gone)),
            Ok(Err(e)) => Err(refused(&e)),
            Err(e) => Err(refused(&e)),
        }
    }

    pub async fn service() -> Option<String> {
        None
    }

    /// Nothing is kept of one that is shown: the system takes it away.
    struct Gone;

    impl Shown for Gone {
        fn clicked(&self) -> BoxFuture<'_, Option<NoticeAction>> {
            std::future::ready(None).boxed()
        }

        fn take_away(&self) -> BoxFuture<'_, ()> {
            std::future::ready(()).boxed()
        }
    }
}
