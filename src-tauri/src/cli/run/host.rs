//! The Spendlight that a run's calls go through: the one that runs, or, when none does, one within this process for as long
//! as runs go on.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use http::Method;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::super::client::{self, Door};
use super::child::Signals;
use crate::ledger::{OwnerError, other_runs_go_on};
use crate::server::{Spendlight, StartError, Where, serve};

/// How long whoever has the ledger may take to open its door, or to let go of it, and how often it is looked for.
const WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often it is looked whether other runs still go on.
const OTHERS_EVERY: Duration = Duration::from_millis(200);

pub struct Host {
    pub door: Door,
    /// Where the proxy is, like `http://127.0.0.1:7575`.
    pub base: String,
    own: Option<Own>,
}

struct Own {
    spendlight: Spendlight,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Host {
    /// # Errors
    /// No Spendlight can be reached, nor started.
    pub async fn find(place: &Where) -> anyhow::Result<Host> {
        // The usual port is for those who are asked to listen there.
        let own = Where { port: place.port.or(Some(0)), ..place.clone() };
        let looked = tokio::time::timeout(WITHIN, async {
            loop {
                match Spendlight::open(&own) {
                    Ok(spendlight) => return Host::own(spendlight).await,
                    Err(StartError::Owner(OwnerError::Taken { pid, .. })) => {
                        // It may be about to open its door, or a command that is done in a moment.
                        if let Ok(door) = client::running(place, &pid)
                            && let Some(host) = Host::running(door).await
                        {
                            return Ok(host);
                        }
                    }
                    Err(e) => return Err(e.into()),
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        looked
            .await
            .unwrap_or_else(|_| Err(anyhow!("the Spendlight that runs does not answer; its port may be in use")))
    }

    async fn running(door: Door) -> Option<Host> {
        let Door::Running { base, .. } = &door else { return None };
        let base = base.clone();
        door.ask(Method::GET, "/healthz", None).await.ok()?;
        Some(Host { door, base, own: None })
    }

    async fn own(mut spendlight: Spendlight) -> anyhow::Result<Host> {
        let listener = spendlight.listen().await.context("no port can be listened on")?;
        spendlight.work();
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let proxy = Arc::clone(&spendlight.proxy);
        let serving = tokio::spawn(async move {
            serve(&proxy, listener, async {
                let _ = stopped.await;
            })
            .await;
        });
        let door = Door::Own(crate::http::owner(&spendlight.app));
        let own = Own { spendlight, address, stop, serving };
        Ok(Host { door, base: format!("http://{address}"), own: Some(own) })
    }

    /// Ends what was started here, once the runs that found it have ended too, or we are told to.
    pub async fn close(self, data: &Path, run: &str, signals: &mut Signals) {
        let Some(Own { spendlight, address, stop, serving }) = self.own else { return };
        // Whoever begins a run says so before it looks for the address: once that is gone, nobody new can find us.
        spendlight.hide();
        if other_runs_go_on(data, run) {
            if let Err(e) = spendlight.tell(address) {
                tracing::warn!("the address cannot be kept: {e}");
            }
            super::tell("other runs go through this one: waiting for their end");
            tokio::select! {
                () = signals.end() => {}
                () = others_end(data, run) => {}
            }
            spendlight.hide();
        }
        let _ = stop.send(());
        if let Err(e) = serving.await {
            tracing::error!("the server ended early: {e}");
        }
        spendlight.close();
    }
}

async fn others_end(data: &Path, run: &str) {
    while other_runs_go_on(data, run) {
        tokio::time::sleep(OTHERS_EVERY).await;
    }
}
