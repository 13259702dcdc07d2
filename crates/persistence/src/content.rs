//! Contents of documents, stored once by digest, in the database or in a folder. Every read is checked against the
//! digest.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use domain::Digest;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use crate::error::{Error, Result};
use crate::private_file;

pub(crate) const TABLE: &str = "document_content";

/// Where contents are stored.
#[derive(Debug, Clone)]
pub(crate) struct ContentStore {
    /// Folder for new contents. Contents that were stored before it was configured are still in the database.
    pub(crate) folder: Option<PathBuf>,
}

impl ContentStore {
    /// Stores a content before the unit of work commits, and returns whether it is new. A content that no document
    /// refers to does no harm.
    pub(crate) async fn save(&self, tx: &impl ConnectionTrait, digest: Digest, content: &[u8]) -> Result<bool> {
        match self.find(tx, digest).await {
            Ok(Some(_)) => return Ok(false),
            // A damaged content is written again.
            Ok(None) | Err(Error::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
        if let Some(folder) = &self.folder {
            let (path, content) = (path_of(folder, digest), content.to_owned());
            let failed = |source| Error::File { path: path.clone(), source };
            blocking({
                let path = path.clone();
                move || write(&path, &content)
            })
            .await
            .map_err(failed)?;
        } else {
            put(tx, digest, content).await?;
        }
        Ok(true)
    }

    /// The content with a digest, if it is stored.
    pub(crate) async fn find(&self, db: &impl ConnectionTrait, digest: Digest) -> Result<Option<Vec<u8>>> {
        let in_folder = match &self.folder {
            Some(folder) => {
                let path = path_of(folder, digest);
                let read = blocking({
                    let path = path.clone();
                    move || fs::read(path)
                });
                match read.await {
                    Ok(content) => Some(content),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                    Err(source) => return Err(Error::File { path, source }),
                }
            }
            None => None,
        };
        let found = match in_folder {
            Some(content) => Some(content),
            None => row::Entity::find_by_id(digest.to_string()).one(db).await?.map(|row| row.content),
        };
        match found {
            Some(content) if Digest::of(&content) != digest => Err(Error::corrupt(TABLE, "content", digest)),
            found => Ok(found),
        }
    }
}

/// Stores a content in the database.
pub(crate) async fn put(tx: &impl ConnectionTrait, digest: Digest, content: &[u8]) -> Result<()> {
    // A statement that is built from an entity holds a content of 10 MiB once more.
    let sql = "INSERT INTO document_content (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO UPDATE SET content = excluded.content";
    let values = [digest.to_string().into(), content.to_owned().into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// The path of a content: `ab/cdef…`.
fn path_of(folder: &Path, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    let (_, name) = name.split_once(':').unwrap_or(("", &name));
    let (first, rest) = name.split_at(2);
    folder.join(first).join(rest)
}

/// Writes to a temporary file and renames it, so that a file under its final name is complete.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private_file::folder(folder)?;
    // Only one unit of work writes at a time, so a temporary file is a leftover of a killed process.
    let unfinished = path.with_added_extension("part");
    if unfinished.is_file() {
        fs::remove_file(&unfinished)?;
    }
    let mut file = private_file::new_file(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "document_content")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) digest: String,
        pub(crate) content: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
