//! Pictures that strangers send.
//!
//! Nothing of a file is kept but its pixels: it is recognised by its content, its structure is walked to its end before
//! anything is decoded, its pixels are bounded before they take memory, and what is stored was encoded here. Decoding
//! costs memory and time, so a few run at once on blocking threads, a bounded number waits, and whoever comes after that
//! is told to come back (503).

mod container;
mod render;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many are decoded at once. Each may take 160 MiB, and as much again while it is cropped.
const SLOTS: usize = 2;
/// How many may be here at once, those that wait counted.
const ADMITTED: usize = 16;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A square picture as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Square {
    /// Length of its sides, in pixels.
    pub size: u32,
    /// `image/jpeg`, or `image/png` for what is transparent somewhere.
    pub media_type: &'static str,
    /// The encoded picture.
    pub bytes: Vec<u8>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Neither JPEG nor PNG nor WebP.
    #[error("the file is no JPEG, PNG or WebP")]
    Unsupported,
    /// Empty, truncated or damaged.
    #[error("the picture cannot be read: {0}")]
    Broken(String),
    /// Something else follows the picture, or is hidden in it.
    #[error("the file is more than a picture")]
    Polyglot,
    /// More pixels than are decoded.
    #[error("the picture has too many pixels")]
    TooLarge,
    /// Too many are waiting already.
    #[error("too many pictures are being read")]
    Busy,
    /// A picture that was read could not be written.
    #[error("the picture could not be encoded")]
    Encoding(#[source] image::ImageError),
}

/// Makes squares of pictures, a few at a time. Clones share the places.
#[derive(Clone)]
pub struct Images {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    longest_wait: Duration,
}

impl Default for Images {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(SLOTS)),
            admitted: Arc::new(Semaphore::new(ADMITTED)),
            longest_wait: LONGEST_WAIT,
        }
    }
}

impl Images {
    /// The middle of the picture in each of `sizes`, upright and without anything else that the file held.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub async fn squares(
        &self,
        file: impl AsRef<[u8]> + Send + 'static,
        sizes: &'static [u32],
    ) -> Result<Vec<Square>, ImageError> {
        let permits = self.admit().await?;
        let span = tracing::Span::current();
        let work = tokio::task::spawn_blocking(move || {
            let _permits = permits;
            span.in_scope(|| squares(file.as_ref(), sizes))
        });
        // A decoder that gives up by a panic has met a broken picture like any other.
        work.await.unwrap_or_else(|stopped| Err(ImageError::Broken(stopped.to_string())))
    }

    async fn admit(&self) -> Result<[OwnedSemaphorePermit; 2], ImageError> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| ImageError::Busy)?;
        match tokio::time::timeout(self.longest_wait, self.running.clone().acquire_owned()).await {
            Ok(Ok(running)) => Ok([running, admitted]),
            Ok(Err(_)) | Err(_) => Err(ImageError::Busy),
        }
    }
}

fn squares(file: &[u8], sizes: &[u32]) -> Result<Vec<Square>, ImageError> {
    let format = container::inspect(file)?;
    render::squares(file, format, sizes)
}

#[cfg(test)]
mod tests;
