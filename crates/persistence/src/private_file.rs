//! Files that only their owner may read, whatever the umask: they contain drafts, hashes of keys and names of people.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What to do if the file exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfExists {
    /// Fail, and leave the file as it is.
    Refuse,
    /// Replace it if it is a regular file.
    Replace,
}

/// Creates a file with mode 0600. An existing file or link is an error.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder and its parents with mode 0700.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Can others than the owner read or write it? `false` on systems without file modes.
pub(crate) fn is_readable_by_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// A file that appears under its name only when it is complete. Until then it is `NAME.part`; it is removed if dropped
/// before `finish`.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    unfinished: PathBuf,
    if_exists: IfExists,
    /// `None` when finished.
    file: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Refuses devices, links and folders, and existing files unless they may be replaced.
    pub fn create(path: &Path, if_exists: IfExists) -> Result<Self> {
        check_target(path, if_exists)?;
        let unfinished = path.with_added_extension("part");
        let failed = |source| Error::File { path: unfinished.clone(), source };
        // A leftover of a killed process.
        if fs::symlink_metadata(&unfinished).is_ok_and(|found| found.is_file()) {
            fs::remove_file(&unfinished).map_err(failed)?;
        }
        let file = new_file(&unfinished).map_err(failed)?;
        Ok(Self { path: path.to_owned(), unfinished, if_exists, file: Some(BufWriter::new(file)) })
    }

    /// Syncs the file and renames it.
    pub fn finish(mut self) -> Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let failed = |source| Error::File { path: self.path.clone(), source };
        file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
        // Another process may have created the file meanwhile.
        if let Err(error) = check_target(&self.path, self.if_exists) {
            drop(fs::remove_file(&self.unfinished));
            return Err(error);
        }
        fs::rename(&self.unfinished, &self.path).map_err(failed)?;
        File::open(parent(&self.path)).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Err(io::ErrorKind::WriteZero.into()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // A leftover does no harm: the next run removes it.
            drop(fs::remove_file(&self.unfinished));
        }
    }
}

/// The folder of a path.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| *parent != OsStr::new("")).unwrap_or(Path::new("."))
}

fn check_target(path: &Path, if_exists: IfExists) -> Result<()> {
    let fail = |kind, text: &str| Err(Error::File { path: path.to_owned(), source: io::Error::new(kind, text) });
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if found.is_symlink() => fail(io::ErrorKind::InvalidInput, "it is a link; name the file itself"),
        Ok(found) if !found.is_file() => {
            fail(io::ErrorKind::InvalidInput, "it is not a regular file; devices and folders are never replaced")
        }
        Ok(_) if if_exists == IfExists::Refuse => {
            fail(io::ErrorKind::AlreadyExists, "the file exists; --force replaces it")
        }
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_on_request_and_never_through_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("backup");
        let write = |path: &Path, if_exists, text: &str| {
            let mut file = AtomicFile::create(path, if_exists)?;
            file.write_all(text.as_bytes()).expect("it is written");
            file.finish()
        };
        write(&path, IfExists::Refuse, "one").expect("it is new");
        let refused = write(&path, IfExists::Refuse, "two").expect_err("it is there");
        assert!(refused.to_string().ends_with("the file exists; --force replaces it"), "{refused}");
        write(&path, IfExists::Replace, "two").expect("it may be replaced");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "two");
        assert!(
            AtomicFile::create(folder.path(), IfExists::Replace).is_err()
                && AtomicFile::create(Path::new("/dev/null"), IfExists::Replace).is_err()
        );
        drop(AtomicFile::create(&folder.path().join("other"), IfExists::Refuse).expect("it is new"));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "what was not finished is gone");
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&path, &link).expect("a link");
            assert!(write(&link, IfExists::Replace, "three").is_err());
            assert_eq!(fs::read_to_string(&path).expect("a file"), "two");
            assert!(!is_readable_by_others(&path));
        }
    }
}
