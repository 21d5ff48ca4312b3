//! Whether there is a screen to put a window on. Starting the windows' toolkit without one ends the process, so it is
//! asked beforehand, and a variable that names a display which is gone is not believed.

/// Whether windows can be shown.
#[cfg(not(target_os = "linux"))]
pub fn has_display() -> bool {
    true
}

/// Whether windows can be shown: a Wayland or X11 display is named and answers.
#[cfg(target_os = "linux")]
pub fn has_display() -> bool {
    let named = |variable: &str| std::env::var(variable).ok().filter(|value| !value.is_empty());
    let wayland =
        named("WAYLAND_DISPLAY").is_some_and(|display| wayland(&display, named("XDG_RUNTIME_DIR").as_deref()));
    wayland || named("DISPLAY").is_some_and(|display| x11(&display))
}

#[cfg(target_os = "linux")]
fn wayland(display: &str, runtime_dir: Option<&str>) -> bool {
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    let socket = Path::new(runtime_dir.unwrap_or_default()).join(display);
    socket.is_absolute() && UnixStream::connect(socket).is_ok()
}

#[cfg(target_os = "linux")]
fn x11(display: &str) -> bool {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixStream};
    let Some(number) = local_number(display) else {
        // Another machine's display: only trying it would tell, and the toolkit does that.
        return display.contains(':');
    };
    let path = format!("/tmp/.X11-unix/X{number}");
    let hidden = SocketAddr::from_abstract_name(&path);
    UnixStream::connect(&path).is_ok() || hidden.is_ok_and(|address| UnixStream::connect_addr(&address).is_ok())
}

/// The number of a display of this machine: 1 of ":1.0" and "unix:1".
#[cfg(target_os = "linux")]
fn local_number(display: &str) -> Option<u32> {
    let rest = display.strip_prefix("unix").unwrap_or(display).strip_prefix(':')?;
    rest.split('.').next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_display_that_is_gone_is_not_believed() {
        assert_eq!(local_number(":1.0"), Some(1));
        assert_eq!(local_number("unix:12"), Some(12));
        assert_eq!(local_number("far.example:0"), None);
        assert!(!x11(":59999"));
        assert!(!wayland("wayland-gone", Some("/nonexistent")));
        assert!(!wayland("wayland-0", None), "without its directory a name leads nowhere");
    }
}
