//! Contents of documents, stored once by digest, in the database or in a folder. In the database a content is in
//! chunks, a row for each: the driver, the database and a backup hold a row in memory several times. Every read is
//! checked against the digest.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use domain::{Digest, Hashing};
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, Statement};
use tokio::io::AsyncWriteExt as _;

use crate::error::{Error, Result};
use crate::private_file;

/// The size of a chunk. The last chunk of a content may be smaller.
const CHUNK_BYTES: usize = 1 << 20;

/// Where contents are stored.
#[derive(Debug, Clone)]
pub(crate) struct ContentStore {
    /// Folder for new contents. Contents that were stored before it was configured are still in the database.
    pub(crate) folder: Option<PathBuf>,
}

/// A stored content, which was checked against its digest.
#[derive(Debug)]
pub(crate) struct StoredContent {
    digest: Digest,
    place: Place,
    bytes: u64,
    chunks: u64,
    /// A content of one chunk, which need not be read again.
    only_chunk: Option<Vec<u8>>,
}

/// Where a content is.
#[derive(Debug)]
enum Place {
    File(PathBuf),
    /// Rows of `document_chunk`.
    Chunks,
    /// A row of `document_content`: the releases before that table was added stored a content as a whole.
    Row,
}

/// The chunks of a content, read one after the other, so that a whole content is never in memory.
#[derive(Debug)]
pub struct ContentReader {
    db: DatabaseConnection,
    content: StoredContent,
    position: u64,
}

impl ContentReader {
    pub(crate) fn new(db: DatabaseConnection, content: StoredContent) -> Self {
        Self { db, content, position: 0 }
    }

    /// The size of the whole content.
    pub fn bytes(&self) -> u64 {
        self.content.bytes
    }

    /// The next chunk; `None` after the last.
    pub async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>> {
        let StoredContent { digest, place, chunks, only_chunk, .. } = &mut self.content;
        if self.position == *chunks {
            return Ok(None);
        }
        let chunk = match only_chunk.take() {
            Some(chunk) => Some(chunk),
            None => place.chunk(&self.db, *digest, self.position).await?,
        };
        self.position += 1;
        chunk.ok_or_else(|| place.corrupt(*digest)).map(Some)
    }
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
        match &self.folder {
            Some(folder) => {
                let path = path_of(folder, digest);
                write(&path, content).await.map_err(|source| Error::File { path, source })?;
            }
            None => put(tx, digest, content).await?,
        }
        Ok(true)
    }

    /// Finds the content with a digest, and reads it once to check it.
    pub(crate) async fn find(&self, db: &impl ConnectionTrait, digest: Digest) -> Result<Option<StoredContent>> {
        let file = self.folder.as_ref().map(|folder| Place::File(path_of(folder, digest)));
        for place in file.into_iter().chain([Place::Chunks, Place::Row]) {
            let Some(mut chunk) = place.chunk(db, digest, 0).await? else { continue };
            let (mut hashing, mut bytes, mut chunks) = (Hashing::default(), 0, 0);
            loop {
                hashing.update(&chunk);
                bytes += chunk.len() as u64;
                chunks += 1;
                match place.chunk(db, digest, chunks).await? {
                    Some(next) => chunk = next,
                    None => break,
                }
            }
            if hashing.digest() != digest {
                return Err(place.corrupt(digest));
            }
            return Ok(Some(StoredContent {
                digest,
                place,
                bytes,
                chunks,
                only_chunk: Some(chunk).filter(|_| chunks == 1),
            }));
        }
        Ok(None)
    }
}

impl Place {
    /// A chunk of a content. `None`: there are fewer, or it is not stored here.
    async fn chunk(&self, db: &impl ConnectionTrait, digest: Digest, position: u64) -> Result<Option<Vec<u8>>> {
        match self {
            Self::File(path) => {
                let opened = path.clone();
                match blocking(move || read_chunk(&opened, position)).await {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                    read => read.map_err(|source| Error::File { path: path.clone(), source }),
                }
            }
            Self::Chunks => {
                let Ok(position) = i64::try_from(position) else { return Ok(None) };
                Ok(chunk::Entity::find_by_id((digest.to_string(), position)).one(db).await?.map(|row| row.content))
            }
            Self::Row if position == 0 => {
                Ok(row::Entity::find_by_id(digest.to_string()).one(db).await?.map(|row| row.content))
            }
            Self::Row => Ok(None),
        }
    }

    fn corrupt(&self, digest: Digest) -> Error {
        let table = match self {
            Self::File(_) | Self::Row => "document_content",
            Self::Chunks => "document_chunk",
        };
        Error::corrupt(table, "content", digest)
    }
}

/// Stores a content in the database, in place of a damaged one.
pub(crate) async fn put(tx: &impl ConnectionTrait, digest: Digest, content: &[u8]) -> Result<()> {
    let (backend, digest) = (tx.get_database_backend(), digest.to_string());
    let delete = "DELETE FROM document_chunk WHERE digest = $1";
    tx.execute_raw(Statement::from_sql_and_values(backend, delete, [digest.clone().into()])).await?;
    let insert = "INSERT INTO document_chunk (digest, position, content) VALUES ($1, $2, $3)";
    for (position, chunk) in (0_i64..).zip(content.chunks(CHUNK_BYTES)) {
        let values = [digest.clone().into(), position.into(), chunk.into()];
        tx.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
    }
    Ok(())
}

/// The path of a content: `ab/cdef…`.
fn path_of(folder: &Path, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    let (_, name) = name.split_once(':').unwrap_or(("", &name));
    let (first, rest) = name.split_at(2);
    folder.join(first).join(rest)
}

/// A chunk of a file. An empty file has one, which is empty: it is damaged, not missing.
fn read_chunk(path: &Path, position: u64) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let begin = position * CHUNK_BYTES as u64;
    let bytes = file.metadata()?.len().saturating_sub(begin).min(CHUNK_BYTES as u64);
    if bytes == 0 && position > 0 {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(begin))?;
    let mut chunk = Vec::new();
    chunk.reserve_exact(usize::try_from(bytes).unwrap_or(CHUNK_BYTES));
    file.take(bytes).read_to_end(&mut chunk)?;
    Ok(Some(chunk))
}

/// Writes to a temporary file and renames it, so that a file under its final name is complete.
async fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let final_path = path.to_owned();
    let unfinished = path.with_added_extension("part");
    let new_file = {
        let unfinished = unfinished.clone();
        move || {
            private_file::folder(unfinished.parent().unwrap_or(Path::new(".")))?;
            // Only one unit of work writes at a time, so a temporary file is a leftover of a killed process or of a
            // client that went.
            if unfinished.is_file() {
                fs::remove_file(&unfinished)?;
            }
            private_file::new_file(&unfinished)
        }
    };
    // It copies what it writes in pieces, so the content needs no copy of its own.
    let mut file = tokio::fs::File::from_std(blocking(new_file).await?);
    file.write_all(content).await?;
    file.flush().await?;
    file.sync_all().await?;
    blocking(move || {
        fs::rename(&unfinished, &final_path)?;
        let folder = final_path.parent();
        for folder in [folder, folder.and_then(Path::parent)].into_iter().flatten() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

mod chunk {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "document_chunk")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) digest: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) position: i64,
        pub(crate) content: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
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
