//! Leases of runs: for each run that goes on, a file beside the ledger that is called by its id and locked by the process
//! that runs it. The system lets the lock go however that process ends, so a file that is not locked tells of a run that
//! left its key and its budget behind.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::paths::{private_file, private_folder};

const FOLDER: &str = "runs";

/// How the file of a run begins that is not locked yet.
const UNBORN: char = '.';

/// Proof that a run goes on, or, for whoever cleans up, that it does not. Dropping it leaves the file as it is.
#[derive(Debug)]
pub struct Lease {
    id: String,
    path: PathBuf,
    _lock: File,
}

impl Lease {
    /// Says from now on that the run goes on.
    ///
    /// # Errors
    /// The data folder cannot be written.
    pub fn take(data: &Path, id: &str) -> io::Result<Lease> {
        private_folder(data)?;
        let folder = data.join(FOLDER);
        private_folder(&folder)?;
        // Nobody must see it before it is locked.
        let (unborn, path) = (folder.join(format!("{UNBORN}{id}")), folder.join(id));
        private_file(&unborn)?;
        let lock = File::open(&unborn)?;
        lock.try_lock()?;
        fs::rename(&unborn, &path)?;
        Ok(Lease { id: id.to_owned(), path, _lock: lock })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Says that nothing of the run is left.
    pub fn end(self) {
        if let Err(e) = fs::remove_file(&self.path)
            && e.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("the file of a run that is over cannot be removed: {e}");
        }
    }
}

/// The runs whose processes ended without a word.
pub fn abandoned(data: &Path) -> Vec<Lease> {
    let lease = |(id, path): (String, PathBuf)| {
        let lock = File::open(&path).ok()?;
        lock.try_lock().ok()?;
        Some(Lease { id, path, _lock: lock })
    };
    files(data).into_iter().filter_map(lease).collect()
}

/// Whether another run than this goes on.
pub fn others_go_on(data: &Path, than: &str) -> bool {
    let locked = |path: &Path| File::open(path).is_ok_and(|file| file.try_lock().is_err());
    files(data).iter().any(|(id, path)| id != than && locked(path))
}

fn files(data: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(data.join(FOLDER)) else { return Vec::new() };
    let named = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        Some((entry.file_name().into_string().ok()?, entry.path()))
    });
    named.filter(|(id, _)| !id.starts_with(UNBORN)).collect()
}
