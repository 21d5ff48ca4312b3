//! Where things lie on the disk, and that only their user can read them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use directories::{ProjectDirs, UserDirs};

/// The folder of the ledger: `--data-dir`, or the desktop's own place for such data.
pub fn data_folder(asked: Option<PathBuf>) -> io::Result<PathBuf> {
    match asked.or_else(|| places().map(|p| p.data_dir().to_owned())) {
        Some(folder) => std::path::absolute(folder),
        None => Err(io::Error::new(io::ErrorKind::NotFound, "this user has no home folder; name one with --data-dir")),
    }
}

/// The configuration file: `--config`, or `config.toml` in the desktop's own place for such files.
pub fn config_file(asked: Option<PathBuf>) -> Option<PathBuf> {
    asked.or_else(|| places().map(|p| p.config_dir().join("config.toml")))
}

fn places() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "spendlight")
}

/// The file in the data folder that holds the address in use, while one is.
pub fn address_file(data: &Path) -> PathBuf {
    data.join("address")
}

/// The file in the data folder that holds the owner token.
pub fn token_file(data: &Path) -> PathBuf {
    data.join("owner-token")
}

/// The downloaded price list in the data folder.
pub fn prices_file(data: &Path) -> PathBuf {
    data.join("prices.json")
}

/// The provider keys in the data folder that the user wanted kept there.
pub fn provider_keys_file(data: &Path) -> PathBuf {
    data.join("provider-keys.toml")
}

/// The folder in the data folder where backups are kept.
pub fn backups_folder(data: &Path) -> PathBuf {
    data.join("backups")
}

/// Where a program puts what its user asked it for: the desktop's folder for downloads; else the home folder, and the data
/// folder for a user who has none.
pub fn downloads_folder(data: &Path) -> PathBuf {
    let user = UserDirs::new();
    let downloads = user.as_ref().and_then(|user| user.download_dir()).filter(|folder| folder.is_dir());
    let home = user.as_ref().map(|user| user.home_dir()).filter(|folder| folder.is_dir());
    downloads.or(home).unwrap_or(data).to_owned()
}

/// Makes a folder that only its user can enter.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let is_new = !fs::exists(folder)?;
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A folder shared on purpose stays shared for reading by its group, but the files in it are private anyway.
        if is_new || fs::metadata(folder)?.permissions().mode() & 0o022 != 0 {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

/// Makes a file that only its user can read, unless it is there.
pub fn private_file(path: &Path) -> io::Result<()> {
    private(fs::OpenOptions::new().append(true).create(true)).open(path).map(|_| ())
}

/// Begins a file that only its user can read; what stood in it is gone.
pub fn begin_private(path: &Path) -> io::Result<fs::File> {
    private(fs::OpenOptions::new().write(true).create(true).truncate(true)).open(path)
}

/// Writes a file that only its user can read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = begin_private(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// Brings the names in a file's folder to the disk, so that a file that was given one keeps it through a power cut.
pub fn sync_folder_of(file: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and the file system sees to it.
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn private(options: &mut fs::OpenOptions) -> &fs::OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}
