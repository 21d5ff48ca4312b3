//! Providers' own keys, kept for those who call with a Spendlight key: in the system's keychain, or, where there is none,
//! in a file that only the user can read, if they asked for that, or in the environment.
//!
//! Every lookup that may block runs off the async threads, one at a time, and is remembered, so that a call waits for one
//! at most once. Deliberately not here: who may set a key, and which call is given it. No key is ever logged, shown or
//! part of an error.

mod secret;
mod shelf;
mod vault;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use secret::Secret;
pub use vault::{Vault, VaultError};

use secret::KEY_BYTES_MAX;
use shelf::{Shelf, variable};
use vault::SystemVault;

/// A keychain may ask its user for a password first; one that has not answered by then will not.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

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

impl Place {
    pub fn as_str(self) -> &'static str {
        match self {
            Place::Keychain => "keychain",
            Place::File => "file",
            Place::Environment => "environment",
        }
    }
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
        let shelf = Shelf::new(data_folder, Box::new(vault), environment);
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
