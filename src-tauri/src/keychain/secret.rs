//! A provider's key in memory: nothing prints it, and its bytes are overwritten when the last copy goes.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::KeychainError;

/// The longest key of a provider, in bytes.
pub(super) const KEY_BYTES_MAX: usize = 4_096;

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
