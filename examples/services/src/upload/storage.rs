//! Documents as files: written under another name, and there whole or not at all.

use super::document::{Document, DocumentId};
use super::error::UploadError;
use axum::body::Bytes;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tracing::warn;

/// A directory of documents.
#[derive(Debug)]
pub(crate) struct Storage {
    directory: PathBuf,
}

/// A file that goes again when this is dropped, unless it is [kept](Self::keep).
#[derive(Debug)]
pub(crate) struct Stored {
    path: PathBuf,
    kept: bool,
}

impl Storage {
    /// # Errors
    ///
    /// What the system says to a directory that is not there and cannot be made.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Storage { directory: directory.to_owned() })
    }

    /// Writes a document as a new file.
    #[lightship::observe(
        name = "storage.put",
        fields(document.size = document.bytes.len() as i64)
    )]
    pub(crate) async fn put(
        &self,
        id: &DocumentId,
        document: &Document,
    ) -> Result<Stored, UploadError> {
        // The id goes first: with it no two names are the same, whatever clients call theirs.
        let path = self.directory.join(format!("{id}-{}", document.name));
        let bytes = document.bytes.clone();
        // If nobody waits any more, what was stored is dropped, and with that it is gone.
        match lightship::spawn_blocking(move || write(path, &bytes)).await {
            Ok(Ok(stored)) => Ok(stored),
            Ok(Err(error)) if error.kind() == ErrorKind::StorageFull => {
                Err(UploadError::StorageFull(error))
            }
            Ok(Err(error)) => Err(UploadError::StorageFailed(error)),
            Err(stopped) => Err(UploadError::TaskFailed(stopped)),
        }
    }
}

impl Stored {
    /// The file stays, from now on until [`remove`](Self::remove).
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }

    /// The file goes.
    pub(crate) fn remove(mut self) {
        self.kept = false;
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

fn write(path: PathBuf, bytes: &Bytes) -> io::Result<Stored> {
    let mut unfinished = path.clone().into_os_string();
    unfinished.push(".part");
    let mut file = OpenOptions::new().write(true).create_new(true).open(&unfinished)?;
    // Ours from here on, so that it goes whatever happens.
    let unfinished = Stored { path: unfinished.into(), kept: false };
    file.write_all(bytes)?;
    file.sync_all()?;
    // Where a name is taken a link fails; renaming would replace the file that has it.
    fs::hard_link(&unfinished.path, &path)?;
    let stored = Stored { path, kept: false };
    sync_directory(&stored.path)?;
    Ok(stored)
}

/// A name is on the disk when its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Ok(()) => {}
        // Where creating it failed.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => warn!(cause = &error as &dyn std::error::Error, "a file was left behind"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Storage, write};
    use axum::body::Bytes;
    use std::fs;
    use std::path::PathBuf;

    fn directory(name: &str) -> PathBuf {
        let name = format!("lightship-storage-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        Storage::open(&path).unwrap();
        path
    }

    #[test]
    fn a_file_is_there_whole_until_it_is_dropped() {
        let directory = directory("whole");
        let path = directory.join("a.pdf");
        let stored = write(path.clone(), &Bytes::from_static(b"%PDF-")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"%PDF-");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "what was unfinished is left");
        drop(stored);
        assert!(!path.exists());

        let mut kept = write(path.clone(), &Bytes::new()).unwrap();
        kept.keep();
        drop(kept);
        assert!(path.exists());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn another_file_is_never_replaced() {
        let directory = directory("other");
        let path = directory.join("a.pdf");
        fs::write(&path, "another's").unwrap();
        assert!(write(path.clone(), &Bytes::from_static(b"ours")).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "another's");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "what was unfinished is left");

        let unfinished = directory.join("b.pdf.part");
        fs::write(&unfinished, "another's").unwrap();
        assert!(write(directory.join("b.pdf"), &Bytes::from_static(b"ours")).is_err());
        assert_eq!(fs::read_to_string(&unfinished).unwrap(), "another's");
        fs::remove_dir_all(directory).unwrap();
    }
}
