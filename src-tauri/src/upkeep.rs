//! Upkeep: what is to be done with the ledger from time to time, when nobody asks for it.
//!
//! Whoever keeps a Spendlight running has it done; a command that opens the ledger for a moment does not. Deliberately not
//! here: how any of it is done, and when it is due. The meter knows that.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::http::App;
use crate::words;

/// How often it is looked what is due.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What is remembered from one look to the next.
#[derive(Debug, Default)]
pub struct Upkeep {
    /// Why the last backup failed, where nobody has been told yet.
    untold: Option<String>,
    /// Whether it has been told that backups fail: once is enough until one is made.
    told: bool,
}

/// Does what is due until the app ends.
pub fn spawn(app: &Arc<App>) -> JoinHandle<()> {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let mut upkeep = Upkeep::default();
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = app.meter.upkeep_wanted() => {}
            }
            upkeep.look(&app).await;
        }
    })
}

impl Upkeep {
    /// Does what is due now.
    pub async fn look(&mut self, app: &Arc<App>) {
        match app.meter.back_up_if_due().await {
            Ok(None) => {}
            Ok(Some(_)) => *self = Upkeep::default(),
            Err(e) if !self.told => self.untold = Some(e.to_string()),
            Err(_) => {}
        }
        if !app.meter.is_quiet()
            && let Some(why) = self.untold.take()
        {
            self.told = true;
            app.say(words::backup_failed(&why));
        }
        // After a backup that is due, so that it has them. Only a ledger that cannot be written refuses it, and of that
        // the status tells.
        if let Err(e) = app.meter.take_out_outdated().await {
            tracing::warn!("calls that are older than they are kept cannot be taken out: {e}");
        }
    }
}
