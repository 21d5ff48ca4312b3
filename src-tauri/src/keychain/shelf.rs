//! Where keys lie: the file, the keychain, the environment, and what of it has been looked up. Everything here may block.
//!
//! The file goes first: a key is in it only because the user put it there after whatever the keychain holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::secret::Secret;
use super::vault::{Vault, VaultError};
use super::{KeychainError, Place};
use crate::paths;

/// How the environment variables begin that hold keys.
const VARIABLE: &str = "SPENDLIGHT_KEY_";

/// The file: which providers' keys are in the keychain, and the keys that the user wanted kept here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    in_keychain: BTreeSet<String>,
    keys: BTreeMap<String, Zeroizing<String>>,
}

pub struct Shelf {
    vault: Box<dyn Vault>,
    /// By what follows the beginning of their variables.
    environment: BTreeMap<String, Secret>,
    file: PathBuf,
    /// What has been looked up; none where there is no key.
    known: RwLock<HashMap<String, Option<Secret>>>,
}

impl Shelf {
    pub fn new(
        data_folder: &Path,
        vault: Box<dyn Vault>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Shelf {
        let ours = environment.into_iter().filter_map(|(name, value)| {
            let provider = name.strip_prefix(VARIABLE)?.to_owned();
            Some((provider, Secret::new(&Zeroizing::new(value)).ok()?))
        });
        let file = paths::provider_keys_file(data_folder);
        Shelf { vault, environment: ours.collect(), file, known: RwLock::default() }
    }

    /// What a lookup has found before: `Some(None)` where there was no key.
    pub fn known(&self, provider: &str) -> Option<Option<Secret>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(provider).cloned()
    }

    fn remember(&self, provider: &str, key: Option<Secret>) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(provider.to_owned(), key);
    }

    pub fn look_up(&self, provider: &str) -> Option<Secret> {
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

    pub fn put(&self, provider: &str, key: Secret, place: Place) -> Result<(), KeychainError> {
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

    pub fn remove(&self, provider: &str) -> Result<(), KeychainError> {
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

    pub fn list(&self) -> Result<Vec<(String, Place)>, KeychainError> {
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
pub fn variable(provider: &str) -> String {
    format!("{VARIABLE}{}", suffix(provider))
}

fn suffix(provider: &str) -> String {
    provider.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

fn unavailable(provider: &str, error: &VaultError) -> KeychainError {
    KeychainError::Unavailable { reason: error.to_string(), variable: variable(provider) }
}
