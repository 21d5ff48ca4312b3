//! What web views leave behind: WebKitGTK keeps its network process and its memory for a next window, though that may not
//! come before tomorrow. Once no window has been open for a while it is ended; WebKit starts another for the next one.
//!
//! Deliberately not here: the pages' own processes, which end with their windows.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tauri::{AppHandle, Manager};

/// Whoever closes a window and opens it again at once need not wait for another process.
const GRACE: Duration = Duration::from_secs(3);

/// What the kernel calls the process; it keeps fifteen characters of a name.
const NAME: &str = "(WebKitNetworkPr)";

/// Ends what is left once the last window has been closed, unless one is open again by then.
pub async fn clear(handle: AppHandle) {
    tokio::time::sleep(GRACE).await;
    if !handle.webview_windows().is_empty() {
        return;
    }
    let found = tokio::task::spawn_blocking(|| children(std::process::id())).await.unwrap_or_default();
    for process in found {
        // One that has ended by itself meanwhile is as good.
        let _ = kill_process(process, Signal::TERM);
    }
}

/// The network processes that `parent` has started.
fn children(parent: u32) -> Vec<Pid> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let ours = pids.filter(|pid| {
        fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| is_network_process_of(&stat, parent))
    });
    ours.filter_map(Pid::from_raw).collect()
}

/// Whether a line of `/proc/PID/stat` tells of a network process of `parent`: number, name in brackets, state, parent.
fn is_network_process_of(stat: &str, parent: u32) -> bool {
    let Some((head, rest)) = stat.rsplit_once(") ") else { return false };
    let its_parent = rest.split(' ').nth(1).and_then(|pid| pid.parse().ok());
    format!("{head})").ends_with(NAME) && its_parent == Some(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_network_processes_of_ours_are_ended() {
        let stat = |name: &str, parent: u32| format!("77 ({name}) S {parent} 70 70 0 -1");
        assert!(is_network_process_of(&stat("WebKitNetworkPr", 70), 70));
        assert!(!is_network_process_of(&stat("WebKitNetworkPr", 71), 70), "somebody else's");
        assert!(!is_network_process_of(&stat("WebKitWebProces", 70), 70), "a page's");
        assert!(!is_network_process_of(&stat("x) S 70 (WebKitNetworkPr", 1), 70), "a name may look like the rest");
        assert!(!is_network_process_of("", 70));
    }
}
