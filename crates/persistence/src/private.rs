//! Files of the registry: only their owner may read them, whatever the umask, since there are drafts, hashes of keys and
//! names of people in them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What to do with a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone and refuse.
    Kept,
    /// Replace it, if it is a regular file.
    Replaced,
}

/// A new file, mode 0600. An existing one, or a link of that name, is an error.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A folder with those above it, mode 0700 where it is new.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// May others than the owner read or write it? Always `false` where files have no mode.
pub(crate) fn is_open_to_others(path: &Path) -> bool {
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

/// A file that is there under its name only when it is whole. Until then it is `NAME.part`; dropped before `finish`, it is gone.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    unfinished: PathBuf,
    existing: Existing,
    /// `None`: it is finished.
    file: Option<BufWriter<File>>,
}

impl WholeFile {
    /// Refuses devices, links, folders, and what is there already unless it may be replaced.
    pub fn create(path: &Path, existing: Existing) -> Result<Self> {
        refuse(path, existing)?;
        let unfinished = path.with_added_extension("part");
        let failed = |source| Error::File { path: unfinished.clone(), source };
        // A leftover of a process that was killed.
        if fs::symlink_metadata(&unfinished).is_ok_and(|found| found.is_file()) {
            fs::remove_file(&unfinished).map_err(failed)?;
        }
        let file = new_file(&unfinished).map_err(failed)?;
        Ok(Self { path: path.to_owned(), unfinished, existing, file: Some(BufWriter::new(file)) })
    }

    /// Brings it to the disk and gives it its name.
    pub fn finish(mut self) -> Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let failed = |source| Error::File { path: self.path.clone(), source };
        file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
        // Somebody may have put something there meanwhile.
        if let Err(error) = refuse(&self.path, self.existing) {
            drop(fs::remove_file(&self.unfinished));
            return Err(error);
        }
        fs::rename(&self.unfinished, &self.path).map_err(failed)?;
        File::open(parent(&self.path)).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Err(io::ErrorKind::WriteZero.into()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // That a part of it stays behind harms nobody: the next one removes it.
            drop(fs::remove_file(&self.unfinished));
        }
    }
}

/// The folder that a path is in.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| *parent != OsStr::new("")).unwrap_or(Path::new("."))
}

fn refuse(path: &Path, existing: Existing) -> Result<()> {
    let said = |kind, text: &str| Err(Error::File { path: path.to_owned(), source: io::Error::new(kind, text) });
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if found.is_symlink() => said(io::ErrorKind::InvalidInput, "it is a link; name the file itself"),
        Ok(found) if !found.is_file() => said(io::ErrorKind::InvalidInput, "it is no regular file; a device or folder is never replaced"),
        Ok(_) if existing == Existing::Kept => said(io::ErrorKind::AlreadyExists, "it is there already; --force replaces it"),
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_when_that_is_asked_and_never_through_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("backup");
        let write = |path: &Path, existing, text: &str| {
            let mut file = WholeFile::create(path, existing)?;
            file.write_all(text.as_bytes()).expect("it is written");
            file.finish()
        };
        write(&path, Existing::Kept, "one").expect("it is new");
        let refused = write(&path, Existing::Kept, "two").expect_err("it is there");
        assert!(refused.to_string().ends_with("it is there already; --force replaces it"), "{refused}");
        write(&path, Existing::Replaced, "two").expect("it may be replaced");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "two");
        assert!(
            WholeFile::create(folder.path(), Existing::Replaced).is_err() && WholeFile::create(Path::new("/dev/null"), Existing::Replaced).is_err()
        );
        drop(WholeFile::create(&folder.path().join("other"), Existing::Kept).expect("it is new"));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "what was not finished is gone");
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&path, &link).expect("a link");
            assert!(write(&link, Existing::Replaced, "three").is_err());
            assert_eq!(fs::read_to_string(&path).expect("a file"), "two");
            assert!(!is_open_to_others(&path));
        }
    }
}
