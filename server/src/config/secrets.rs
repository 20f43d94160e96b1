//! Secrets come from files that only their owner can read.

use secrecy::{ExposeSecret, SecretBox, SecretString};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

/// 32 secret bytes.
#[derive(Debug, Clone)]
pub struct Key32(Arc<SecretBox<[u8; 32]>>);

impl Key32 {
    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Arc::new(SecretBox::new(Box::new(bytes))))
    }

    /// The bytes, where a cipher needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    pub(super) fn from_hex(text: &SecretString) -> Result<Self, String> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.expose_secret(), &mut bytes)
            .map_err(|_| "must hold 64 hex digits; make one with `openssl rand -hex 32`".to_owned())?;
        Ok(Self::new(bytes))
    }
}

/// The file's text without white space at its end.
///
/// Refuses a file that group or others may read (they would hold the secret too), an empty one (an
/// empty secret would "work" and protect nothing), and anything that is no plain file.
///
/// # Errors
/// As said, in one sentence with the remedy.
pub fn read(path: &Path) -> Result<SecretString, String> {
    let shown = path.display();
    let meta = std::fs::metadata(path).map_err(|error| format!("{shown} cannot be read ({error}); create it"))?;
    if !meta.is_file() {
        return Err(format!("{shown} is no plain file; name the file itself"));
    }
    if meta.mode() & 0o077 != 0 {
        let mode = meta.mode() & 0o777;
        return Err(format!("{shown} has mode {mode:04o}, so others can read the secret; run `chmod 600 {shown}`"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read ({error})"))?;
    let text = SecretString::from(text);
    let trimmed = text.expose_secret().trim_end();
    if trimmed.is_empty() {
        return Err(format!("{shown} is empty; put the secret into it"));
    }
    Ok(SecretString::from(trimmed))
}
