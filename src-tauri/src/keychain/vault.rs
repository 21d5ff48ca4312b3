//! The system's keychain: the only file that names the library that speaks to it.
//!
//! On Linux that is the Secret Service over the session's bus, on macOS the Keychain Services, on Windows the Credential
//! Manager. Everything here may block, for as long as somebody is asked for a password.

use zeroize::Zeroizing;

use super::secret::Secret;

/// What the keychain lists our keys under.
const SERVICE: &str = "spendlight";

/// Why the keychain did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct VaultError(pub String);

/// The system's keychain, or what stands for it in a test. Its methods may block.
pub trait Vault: Send + Sync + 'static {
    fn get(&self, provider: &str) -> Result<Option<Secret>, VaultError>;
    fn set(&self, provider: &str, key: &Secret) -> Result<(), VaultError>;
    /// One that is not there is removed already.
    fn remove(&self, provider: &str) -> Result<(), VaultError>;
}

/// The keychain of this machine: Keychain Services, the Credential Manager, or the Secret Service.
pub struct SystemVault;

impl SystemVault {
    fn entry(provider: &str) -> Result<keyring::Entry, VaultError> {
        if let Err(e) = keyring::Entry::store_status() {
            return Err(reason(e));
        }
        keyring::Entry::new(SERVICE, provider).map_err(|e| reason(&e))
    }
}

/// What is wrong, without the bytes that some errors carry.
fn reason(error: &keyring::Error) -> VaultError {
    VaultError(match error {
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => "what it holds is no text".to_owned(),
        keyring::Error::PlatformFailure(e) => format!("there is none that answers ({e})"),
        keyring::Error::NoStorageAccess(e) => format!("it is locked ({e})"),
        other => other.to_string(),
    })
}

impl Vault for SystemVault {
    fn get(&self, provider: &str) -> Result<Option<Secret>, VaultError> {
        match SystemVault::entry(provider)?.get_password() {
            Ok(text) => Ok(Secret::new(&Zeroizing::new(text)).ok()),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(e) => Err(reason(&e)),
        }
    }

    fn set(&self, provider: &str, key: &Secret) -> Result<(), VaultError> {
        SystemVault::entry(provider)?.set_password(key.expose()).map_err(|e| reason(&e))
    }

    fn remove(&self, provider: &str) -> Result<(), VaultError> {
        match SystemVault::entry(provider)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(e) => Err(reason(&e)),
        }
    }
}
