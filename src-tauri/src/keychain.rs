//! Providers' own keys, kept for those who call with a Spendlight key: in the system's keychain, or, where there is none,
//! in a file that only the user can read, if they asked for that, or in the environment.
//!
//! The only file that names the keychain library. What was set last goes before what was there: a key in the file is
//! there because the user put it there after the keychain's. Every lookup that may block runs off the async threads,
//! one at a time, and is remembered, so that a call waits for one at most once. Deliberately not here: who may set a
//! key, and which call is given it. No key is ever logged, shown or part of an error.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::paths;

/// What the keychain lists our keys under.
const SERVICE: &str = "spendlight";

/// How the environment variables begin that hold keys.
const VARIABLE: &str = "SPENDLIGHT_KEY_";

/// A keychain may ask its user for a password first; one that has not answered by then will not.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// The longest key of a provider, in bytes.
const KEY_BYTES_MAX: usize = 4_096;

/// A provider's key. It cannot be printed, and is overwritten when the last copy goes.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// # Errors
    /// [`KeychainError::Unsound`] for a text that no header could carry.
    pub fn new(text: &str) -> Result<Secret, KeychainError> {
        let text = text.trim();
        if text.is_empty() || text.len() > KEY_BYTES_MAX || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(KeychainError::Unsound);
        }
        Ok(Secret(Arc::new(Zeroizing::new(text.to_owned()))))
    }

    /// The key itself, for the one header it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Where a key is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    #[default]
    Keychain,
    /// A file in the data folder that only the user can read.
    File,
    /// An environment variable, which can only be read.
    Environment,
}

#[derive(Debug, thiserror::Error)]
pub enum KeychainError {
    #[error(
        "The system's keychain cannot be used: {reason}. Set {variable} where Spendlight is started, or let it keep the \
         key in a file that only you can read: `\"store\": \"file\"`, or `--file` on the command line."
    )]
    Unavailable { reason: String, variable: String },
    #[error("The file of provider keys cannot be used: {0}")]
    File(String),
    #[error("This key comes from the environment: unset {variable} and start Spendlight anew.")]
    FromEnvironment { variable: String },
    #[error("No key of this provider is kept.")]
    NotFound,
    #[error("must be 1 to {KEY_BYTES_MAX} letters, digits and signs without spaces")]
    Unsound,
}

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

/// The file: which providers' keys are in the keychain, and the keys that the user wanted kept here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    in_keychain: BTreeSet<String>,
    keys: BTreeMap<String, Zeroizing<String>>,
}

struct Shelf {
    vault: Box<dyn Vault>,
    /// By what follows the beginning of their variables.
    environment: BTreeMap<String, Secret>,
    file: PathBuf,
    /// What has been looked up; none where there is no key.
    known: RwLock<HashMap<String, Option<Secret>>>,
}

/// Providers' keys, wherever they are.
#[derive(Clone)]
pub struct Keychain {
    shelf: Arc<Shelf>,
    /// Held while a lookup or a change is under way.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Keychain {
    /// The keys of this machine's user.
    pub fn system(data_folder: &Path) -> Keychain {
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let texts = variables.filter_map(|(name, value)| Some((name, value.into_string().ok()?)));
        Keychain::new(data_folder, SystemVault, texts)
    }

    /// The keys in `vault`, in the data folder, and in an environment.
    pub fn new(
        data_folder: &Path,
        vault: impl Vault,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Keychain {
        let ours = environment.into_iter().filter_map(|(name, value)| {
            let provider = name.strip_prefix(VARIABLE)?.to_owned();
            Some((provider, Secret::new(&Zeroizing::new(value)).ok()?))
        });
        let shelf = Shelf {
            vault: Box::new(vault),
            environment: ours.collect(),
            file: paths::provider_keys_file(data_folder),
            known: RwLock::default(),
        };
        Keychain { shelf: Arc::new(shelf), turn: Arc::default() }
    }

    /// A provider's key. After the first time this reads memory alone.
    pub async fn get(&self, provider: &str) -> Option<Secret> {
        if let Some(known) = self.shelf.known(provider) {
            return known;
        }
        let provider = provider.to_owned();
        let found = self.work(provider.clone(), move |shelf| Ok(shelf.look_up(&provider))).await;
        found.unwrap_or_else(|e| {
            tracing::warn!("no provider key: {e}");
            None
        })
    }

    pub async fn has(&self, provider: &str) -> bool {
        self.get(provider).await.is_some()
    }

    /// Keeps a provider's key in `place`, instead of the one there was.
    ///
    /// # Errors
    /// [`KeychainError::Unavailable`] tells the choice on a machine without a keychain; [`KeychainError::File`].
    pub async fn set(&self, provider: &str, key: Secret, place: Place) -> Result<(), KeychainError> {
        let provider = provider.to_owned();
        self.work(provider.clone(), move |shelf| shelf.put(&provider, key, place)).await
    }

    /// # Errors
    /// [`KeychainError::NotFound`], and [`KeychainError::FromEnvironment`] for a key that can only be read.
    pub async fn remove(&self, provider: &str) -> Result<(), KeychainError> {
        let provider = provider.to_owned();
        self.work(provider.clone(), move |shelf| shelf.remove(&provider)).await
    }

    /// The providers whose keys are kept, and where. What was not there before is looked for again from now on.
    ///
    /// # Errors
    /// [`KeychainError::File`].
    pub async fn list(&self) -> Result<Vec<(String, Place)>, KeychainError> {
        self.work(String::new(), Shelf::list).await
    }

    /// Does what may block, off the async threads.
    async fn work<T: Send + 'static>(
        &self,
        provider: String,
        work: impl FnOnce(&Shelf) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let (shelf, turn) = (Arc::clone(&self.shelf), Arc::clone(&self.turn));
        let done = async move {
            let turn = turn.lock_owned().await;
            tokio::task::spawn_blocking(move || {
                let outcome = work(&shelf);
                drop(turn);
                outcome
            })
            .await
        };
        let silent = |reason: String| KeychainError::Unavailable { reason, variable: variable(&provider) };
        match tokio::time::timeout(ANSWER_WITHIN, done).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(silent("asking it ended early".to_owned())),
            Err(_) => Err(silent(format!("it did not answer within {} seconds", ANSWER_WITHIN.as_secs()))),
        }
    }
}

impl Shelf {
    fn known(&self, provider: &str) -> Option<Option<Secret>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(provider).cloned()
    }

    fn remember(&self, provider: &str, key: Option<Secret>) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(provider.to_owned(), key);
    }

    fn look_up(&self, provider: &str) -> Option<Secret> {
        if let Some(known) = self.known(provider) {
            return known;
        }
        let kept = self.read().unwrap_or_else(|e| {
            tracing::warn!("{e}");
            Kept::default()
        });
        let found = kept.keys.get(provider).and_then(|text| Secret::new(text).ok());
        let found = found.or_else(|| {
            self.vault.get(provider).unwrap_or_else(|e| {
                tracing::debug!("the system's keychain cannot be used: {e}");
                None
            })
        });
        let found = found.or_else(|| self.environment.get(&suffix(provider)).cloned());
        self.remember(provider, found.clone());
        found
    }

    fn put(&self, provider: &str, key: Secret, place: Place) -> Result<(), KeychainError> {
        let mut kept = self.read()?;
        match place {
            Place::Keychain => {
                self.vault.set(provider, &key).map_err(|e| unavailable(provider, &e))?;
                kept.keys.remove(provider);
                kept.in_keychain.insert(provider.to_owned());
            }
            Place::File => {
                // A keychain that is gone by now keeps what it has; the file goes before it.
                if kept.in_keychain.contains(provider) && self.vault.remove(provider).is_ok() {
                    kept.in_keychain.remove(provider);
                }
                kept.keys.insert(provider.to_owned(), Zeroizing::new(key.expose().to_owned()));
            }
            Place::Environment => return Err(KeychainError::FromEnvironment { variable: variable(provider) }),
        }
        self.write(&kept)?;
        self.remember(provider, Some(key));
        Ok(())
    }

    fn remove(&self, provider: &str) -> Result<(), KeychainError> {
        let mut kept = self.read()?;
        let in_file = kept.keys.remove(provider).is_some();
        // One that was put there by another program, or before the file was lost, is not named in it.
        let in_keychain = kept.in_keychain.remove(provider) || matches!(self.vault.get(provider), Ok(Some(_)));
        if in_keychain {
            self.vault.remove(provider).map_err(|e| unavailable(provider, &e))?;
        }
        if in_file || in_keychain {
            self.write(&kept)?;
            self.known.write().unwrap_or_else(PoisonError::into_inner).remove(provider);
            return Ok(());
        }
        match self.environment.contains_key(&suffix(provider)) {
            true => Err(KeychainError::FromEnvironment { variable: variable(provider) }),
            false => Err(KeychainError::NotFound),
        }
    }

    fn list(&self) -> Result<Vec<(String, Place)>, KeychainError> {
        self.known.write().unwrap_or_else(PoisonError::into_inner).retain(|_, key| key.is_some());
        let kept = self.read()?;
        let mut places: BTreeMap<String, Place> =
            kept.in_keychain.into_iter().map(|provider| (provider, Place::Keychain)).collect();
        places.extend(kept.keys.into_keys().map(|provider| (provider, Place::File)));
        for name in self.environment.keys() {
            if !places.keys().any(|provider| suffix(provider) == *name) {
                places.insert(name.to_ascii_lowercase(), Place::Environment);
            }
        }
        Ok(places.into_iter().collect())
    }

    fn read(&self) -> Result<Kept, KeychainError> {
        match std::fs::read_to_string(&self.file).map(Zeroizing::new) {
            // The parser's own words would quote the line.
            Ok(text) => toml::from_str(&text)
                .map_err(|_| KeychainError::File(format!("{} is not understood", self.file.display()))),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Kept::default()),
            Err(e) => Err(KeychainError::File(e.to_string())),
        }
    }

    fn write(&self, kept: &Kept) -> Result<(), KeychainError> {
        let unusable = |e: &dyn std::fmt::Display| KeychainError::File(e.to_string());
        let text = toml::to_string(kept).map(Zeroizing::new).map_err(|e| unusable(&e))?;
        paths::write_private(&self.file, text.as_bytes()).map_err(|e| unusable(&e))
    }
}

/// `my-house` is `SPENDLIGHT_KEY_MY_HOUSE`.
fn variable(provider: &str) -> String {
    format!("{VARIABLE}{}", suffix(provider))
}

fn suffix(provider: &str) -> String {
    provider.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

fn unavailable(provider: &str, error: &VaultError) -> KeychainError {
    KeychainError::Unavailable { reason: error.to_string(), variable: variable(provider) }
}
