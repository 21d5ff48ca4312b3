//! One process owns a ledger at a time: an advisory lock on a file beside it, let go when the process ends, however it
//! ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

const FILE: &str = "owner.lock";

/// Proof that this process owns the ledger in a folder. Dropping it lets the ledger go.
#[derive(Debug)]
pub struct Owner {
    _lock: File,
}

#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    #[error("another Spendlight (process {pid}) has the ledger in {folder}")]
    Taken { pid: String, folder: String },
    #[error("the data folder {folder} cannot be used: {source}")]
    Folder { folder: String, source: std::io::Error },
}

impl Owner {
    /// Takes the ledger in `folder`, which is made if it is missing, for its user alone.
    ///
    /// # Errors
    /// [`OwnerError::Taken`] names the process that has it.
    pub fn take(folder: &Path) -> Result<Owner, OwnerError> {
        let unusable = |source| OwnerError::Folder { folder: folder.display().to_string(), source };
        crate::paths::private_folder(folder).map_err(unusable)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(FILE))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = lock.read_to_string(&mut pid);
                let pid = if pid.trim().is_empty() { "unknown".to_owned() } else { pid.trim().to_owned() };
                return Err(OwnerError::Taken { pid, folder: folder.display().to_string() });
            }
            Err(TryLockError::Error(e)) => return Err(unusable(e)),
        }
        // The number only helps a person to find the process: a full disk must not keep the owner out.
        let _ = lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| write!(lock, "{}", std::process::id()));
        Ok(Owner { _lock: lock })
    }
}
