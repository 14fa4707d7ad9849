//! The transfer of one file: resumed where it broke off, verified as a whole, and only then moved
//! to its place.

use std::io;
use std::path::{Path, PathBuf};

use reqwest::header::CONTENT_RANGE;
use reqwest::{Response, StatusCode, Url};
use sha2::{Digest, Sha256};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;

use crate::job::hex;
use crate::place;
use crate::service::{RemoteFile, Service, ServiceError};

/// How often a file may arrive whole and wrong.
const CORRUPT_ATTEMPTS: u32 = 3;

/// Receives the progress of transfers.
pub trait Progress: Sync {
    /// A transfer begins; `have` of `size` bytes are there.
    fn begin(&self, name: &str, have: u64, size: u64);
    /// That many bytes are there.
    fn advance(&self, name: &str, have: u64);
    /// The transfer has ended, with success or without.
    fn end(&self, name: &str);
}

/// Why a file has not been transferred. The part that has arrived is kept and resumed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A file cannot be read or written.
    #[error("{} cannot be written: {source}; make room or repair the disk, then poll again", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The service does not send it.
    #[error("{name} cannot be downloaded: {source}")]
    Service {
        /// The file's name.
        name: String,
        /// Why not.
        source: ServiceError,
    },
    /// The bytes are not those that the service lists.
    #[error(
        "{name} arrives corrupt (received {found}, Databento lists {expected}); poll again later"
    )]
    Corrupt {
        /// The file's name.
        name: String,
        /// The listed size or digest.
        expected: String,
        /// What came.
        found: String,
    },
}

/// Transfers a file into a folder, which is made if need be.
///
/// # Errors
/// [`TransferError`] once repeating does not help.
///
/// # Cancel safety
/// Whatever has arrived stays in `NAME.part` and is resumed.
pub(crate) async fn transfer(
    service: &Service,
    file: &RemoteFile,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<(), TransferError> {
    let path = folder.join(&file.name);
    let disk = |source| TransferError::Disk {
        path: path.clone(),
        source,
    };
    tokio::fs::create_dir_all(folder).await.map_err(disk)?;
    if blocking(&path, place::digest)
        .await
        .map_err(disk)?
        .as_deref()
        == Some(&file.sha256)
    {
        return Ok(());
    }
    let Some(url) = service.file_url(&file.url) else {
        let message = format!("the address {:?} of the file is invalid", file.url);
        return Err(TransferError::Service {
            name: file.name.clone(),
            source: ServiceError::Unreadable { message },
        });
    };
    let transfer = Transfer {
        service,
        file,
        url,
        part: place::part_of(&path),
        progress,
    };
    let result = transfer.until_right().await;
    progress.end(&file.name);
    result?;
    let part = transfer.part;
    let publish = move |path: &Path| place::publish(&part, path);
    blocking(&path, publish).await.map_err(disk)
}

/// One file on its way.
struct Transfer<'a> {
    service: &'a Service,
    file: &'a RemoteFile,
    url: Url,
    part: PathBuf,
    progress: &'a dyn Progress,
}

/// What is there of a file.
struct Partial {
    hasher: Sha256,
    have: u64,
}

impl Transfer<'_> {
    /// Fetches until the unfinished file has the listed digest.
    async fn until_right(&self) -> Result<(), TransferError> {
        let backoff = self.service.backoff();
        let (mut failures, mut corruptions) = (0, 0);
        loop {
            let before = self.length().await;
            let error = match self.attempt().await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let cause = match &error {
                TransferError::Corrupt { .. } => {
                    corruptions += 1;
                    if corruptions >= CORRUPT_ATTEMPTS {
                        return Err(error);
                    }
                    None
                }
                TransferError::Service { source, .. }
                    if source.is_transient() && !source.is_fatal() =>
                {
                    Some(source)
                }
                TransferError::Service { .. } | TransferError::Disk { .. } => return Err(error),
            };
            // A connection that brings something each time may break as often as it likes.
            failures = if self.length().await > before {
                1
            } else {
                failures + 1
            };
            if failures >= backoff.attempts {
                return Err(error);
            }
            let pause = match cause {
                Some(cause) => self.service.pause(failures, cause),
                None => backoff.pause(failures, None),
            };
            tracing::warn!("retry transfer in {pause:.1?}: {error}");
            tokio::time::sleep(pause).await;
        }
    }

    async fn length(&self) -> u64 {
        tokio::fs::metadata(&self.part)
            .await
            .map_or(0, |metadata| metadata.len())
    }

    /// Asks once for what is missing, and compares the whole.
    async fn attempt(&self) -> Result<(), TransferError> {
        let size = self.file.size;
        let mut partial = self.resume().await?;
        self.progress.begin(&self.file.name, partial.have, size);
        if partial.have < size {
            let response = self.service.get_file(&self.url, partial.have);
            let response = response.await.map_err(|source| self.failed(source))?;
            let mut output = self.open_for(&response, &mut partial).await?;
            self.receive(response, &mut output, &mut partial).await?;
        }
        let found = hex(&partial.hasher.finalize());
        if found == self.file.sha256 {
            return Ok(());
        }
        place::remove(&self.part).map_err(|source| self.disk(source))?;
        Err(TransferError::Corrupt {
            name: self.file.name.clone(),
            expected: format!("SHA-256 {}", self.file.sha256),
            found: format!("SHA-256 {found}"),
        })
    }

    /// Takes up what is there already, unless it is more than the file has.
    async fn resume(&self) -> Result<Partial, TransferError> {
        let length = self.length().await;
        if length == 0 {
            return Ok(Partial {
                hasher: Sha256::new(),
                have: 0,
            });
        }
        if length <= self.file.size {
            let hashed = blocking(&self.part, place::hash).await;
            let (hasher, have) = hashed.map_err(|source| self.disk(source))?;
            return Ok(Partial { hasher, have });
        }
        place::remove(&self.part).map_err(|source| self.disk(source))?;
        Ok(Partial {
            hasher: Sha256::new(),
            have: 0,
        })
    }

    /// Opens the unfinished file where the answer goes on, which is its start for a server that
    /// does not know ranges.
    async fn open_for(
        &self,
        response: &Response,
        partial: &mut Partial,
    ) -> Result<File, TransferError> {
        let start = match response.status() {
            StatusCode::PARTIAL_CONTENT => range_start(response),
            StatusCode::RANGE_NOT_SATISFIABLE => None,
            _ => Some(0),
        };
        let is_resumed = start == Some(partial.have);
        if !is_resumed {
            *partial = Partial {
                hasher: Sha256::new(),
                have: 0,
            };
        }
        let output = OpenOptions::new()
            .create(true)
            .append(is_resumed)
            .write(true)
            .truncate(!is_resumed)
            .open(&self.part)
            .await;
        let output = output.map_err(|source| self.disk(source))?;
        if is_resumed || start == Some(0) {
            return Ok(output);
        }
        // Nothing of this answer fits. The unfinished file is empty now, so the next one will.
        let message = "it answers with another range than was asked for".to_owned();
        Err(self.failed(ServiceError::Unreachable { message }))
    }

    async fn receive(
        &self,
        mut response: Response,
        output: &mut File,
        partial: &mut Partial,
    ) -> Result<(), TransferError> {
        let (name, size) = (&self.file.name, self.file.size);
        let result = loop {
            match self.service.next_chunk(&mut response, name).await {
                Ok(Some(chunk)) => {
                    partial.have += chunk.len() as u64;
                    if partial.have > size {
                        place::remove(&self.part).map_err(|source| self.disk(source))?;
                        return Err(TransferError::Corrupt {
                            name: name.clone(),
                            expected: format!("{size} bytes"),
                            found: format!("at least {} bytes", partial.have),
                        });
                    }
                    let written = output.write_all(&chunk).await;
                    written.map_err(|source| self.disk(source))?;
                    partial.hasher.update(&*chunk);
                    self.progress.advance(name, partial.have);
                }
                Ok(None) if partial.have == size => break Ok(()),
                Ok(None) => {
                    let message = format!("it ends after {} of {size} bytes", partial.have);
                    break Err(ServiceError::Unreachable { message });
                }
                Err(error) => break Err(error),
            }
        };
        // What has arrived is kept either way.
        output.flush().await.map_err(|source| self.disk(source))?;
        result.map_err(|source| self.failed(source))
    }

    fn disk(&self, source: io::Error) -> TransferError {
        TransferError::Disk {
            path: self.part.clone(),
            source,
        }
    }

    fn failed(&self, source: ServiceError) -> TransferError {
        TransferError::Service {
            name: self.file.name.clone(),
            source,
        }
    }
}

/// Returns where the range of an answer begins: `Content-Range: bytes 100-199/200`.
fn range_start(response: &Response) -> Option<u64> {
    let text = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    let (start, _) = text.strip_prefix("bytes ")?.split_once('-')?;
    start.parse().ok()
}

/// Does slow work on a file away from the connections.
async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let path = path.to_owned();
    spawn_blocking(move || work(&path))
        .await
        .map_err(io::Error::other)?
}
