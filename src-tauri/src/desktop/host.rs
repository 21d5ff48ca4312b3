//! Whether there is a place for a tray: on Linux a program of the desktop offers one, or does so later, or never does.
//!
//! Its arrival is heard on the session's bus, so that waiting for it costs nothing. Once the tray has its place, it
//! finds its way back by itself when that program is started anew.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::oneshot;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use super::desk::{Desk, Message};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// A desktop that is starting may offer its tray a little later than we ask; then the window need not open.
const GRACE: Duration = Duration::from_secs(5);

/// Between two tries, where the bus is silent or the tray was refused: it doubles from the first to the last.
const AGAIN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// Waits for a place for the tray and has it taken; tells once if there is none.
pub async fn watch(desk: Desk) {
    let mut pause = AGAIN.0;
    let mut told = false;
    let mut tell = |why: String| {
        if !std::mem::replace(&mut told, true) {
            desk.send(Message::NoTray(why));
        }
    };
    loop {
        let mut arrival = std::pin::pin!(arrival());
        let arrived = match tokio::time::timeout(GRACE, &mut arrival).await {
            Ok(arrived) => arrived,
            Err(_) => {
                tell("no program of the desktop offers one".to_owned());
                arrival.await
            }
        };
        match arrived {
            Ok(()) if take(&desk).await => return,
            Ok(()) => {}
            Err(error) => tell(format!("the session's bus does not answer ({error})")),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(AGAIN.1);
    }
}

/// Has the main thread take the place; whether it could.
async fn take(desk: &Desk) -> bool {
    let (answer, made) = oneshot::channel();
    desk.send(Message::TrayHost(Some(answer)));
    made.await.unwrap_or(false)
}

/// Returns when the tray's host is there.
async fn arrival() -> zbus::Result<()> {
    let bus = zbus::Connection::session().await?;
    let proxy = DBusProxy::new(&bus).await?;
    // Listen before asking, so that an arrival in between is not missed.
    let mut changes = proxy.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    if proxy.name_has_owner(BusName::try_from(WATCHER)?).await? {
        return Ok(());
    }
    while let Some(change) = changes.next().await {
        if change.args()?.new_owner().is_some() {
            return Ok(());
        }
    }
    Err(zbus::Error::Failure("the bus has gone".to_owned()))
}
