//! Who listens on a port of this machine, so that its user can be told who is in the way.
//!
//! Only Linux tells it without being asked as root, and only of the user's own programs. Where nobody tells, nothing is
//! guessed.

/// A program that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    pub name: String,
    pub pid: u32,
}

/// The program that listens on a loopback port, where the system tells.
#[cfg(target_os = "linux")]
pub fn listener(port: u16) -> Option<Listener> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(|line| socket_on(line, port)).collect::<Vec<_>>())
        .collect();
    if sockets.is_empty() {
        return None;
    }
    std::fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).find_map(
        |pid: u32| {
            let mut files = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
            let holds = |file: std::io::Result<std::fs::DirEntry>| {
                let target = file.ok().and_then(|file| std::fs::read_link(file.path()).ok());
                target.is_some_and(|target| sockets.iter().any(|socket| target.as_os_str() == socket.as_str()))
            };
            if !files.any(holds) {
                return None;
            }
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim().to_owned();
            Some(Listener { name, pid })
        },
    )
}

/// The program that listens on a loopback port: nobody tells here.
#[cfg(not(target_os = "linux"))]
pub fn listener(_: u16) -> Option<Listener> {
    None
}

/// What a process's file is called that is the socket of this line, where it listens on the port: "socket:[4711]".
#[cfg(target_os = "linux")]
fn socket_on(line: &str, port: u16) -> Option<String> {
    const LISTENS: &str = "0A";
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (address, state) = (fields.next()?, fields.nth(1)?);
    let (_, its_port) = address.rsplit_once(':')?;
    let is_it = state == LISTENS && u16::from_str_radix(its_port, 16) == Ok(port);
    let inode = fields.nth(5)?;
    is_it.then(|| format!("socket:[{inode}]"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::listener;

    #[test]
    fn whoever_listens_is_found_and_nobody_where_nobody_does() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        assert_eq!(listener(port).unwrap().pid, std::process::id());
        drop(held);
        assert_eq!(listener(port), None);
    }
}
