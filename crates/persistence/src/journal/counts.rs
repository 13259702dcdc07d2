//! Counts journal entries by kind. Entries never change, so the counts of whole blocks of revisions are cached.

use std::collections::HashMap;

use domain::{RecordKind, Revision};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use tokio::sync::Mutex;

use crate::error::{Error, Result};
use crate::head::Head;
use crate::journal::reader::{FOR_STEWARDS, JournalReader};
use crate::journal::row::{self, TABLE};
use crate::journal::{ChangeQuery, filtered};
use crate::number::column;

/// Revisions in a block. Entries outside of whole blocks are counted in the database.
const BLOCK: u64 = 1_024;
/// Blocks that one statement counts.
const BLOCKS_PER_STATEMENT: u64 = 512;

/// Cached counts, from the beginning of the journal to the end of each block.
#[derive(Debug, Default)]
pub(crate) struct ChangeCounts(Mutex<CountedBlocks>);

#[derive(Debug, Default)]
struct CountedBlocks {
    /// The epoch that was counted.
    epoch: String,
    blocks: Vec<Block>,
}

/// Counts by position in `RecordKind::ALL`.
type Block = [Count; RecordKind::ALL.len()];

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    open: u64,
    restricted: u64,
}

impl ChangeCounts {
    /// Counts the entries of some kinds in a range of revisions that a reader may see.
    pub(crate) async fn count(&self, db: &impl ConnectionTrait, query: &ChangeQuery) -> Result<u64> {
        let head = Head::read(db).await?;
        let (since, through) = (query.since, Ord::min(query.through, head.revision));
        let kinds: Vec<RecordKind> = RecordKind::ALL
            .iter()
            .copied()
            .filter(|kind| query.kinds.contains(kind) && may_read(&query.seen_by, *kind))
            .collect();
        if since >= through || kinds.is_empty() {
            return Ok(0);
        }
        let (first, last) = (since.div_ceil(BLOCK), through / BLOCK);
        if first >= last {
            return count_rows(db, query, since, through).await;
        }
        let blocks = {
            let mut known = self.0.lock().await;
            if known.epoch != head.epoch {
                *known = CountedBlocks { epoch: head.epoch, blocks: Vec::new() };
            }
            known.extend(db, last).await?;
            let up_to = |block: u64| block.checked_sub(1).map_or(Block::default(), |block| known.blocks[index(block)]);
            (up_to(first), up_to(last))
        };
        let in_blocks = |kind: RecordKind, of: fn(&Count) -> u64| {
            let at = RecordKind::ALL.iter().position(|known| *known == kind).unwrap_or_default();
            of(&blocks.1[at]) - of(&blocks.0[at])
        };
        let open: u64 = kinds.iter().map(|kind| in_blocks(*kind, |count| count.open)).sum();
        let restricted: u64 = kinds.iter().map(|kind| in_blocks(*kind, |count| count.restricted)).sum();
        let (begin, end) = (first * BLOCK, last * BLOCK);
        let readable = match &query.seen_by {
            JournalReader::All => restricted,
            JournalReader::Public => 0,
            JournalReader::PublicOr(_) | JournalReader::PartnerOr(_) if restricted == 0 => 0,
            JournalReader::PublicOr(_) | JournalReader::PartnerOr(_) => {
                let readable_revisions = Query::select()
                    .column("revision")
                    .from("journal_reader")
                    .and_where(Expr::col("district").is_in(query.seen_by.readers()))
                    .and_where(Expr::col("revision").gt(column(begin)))
                    .and_where(Expr::col("revision").lte(column(end)))
                    .to_owned();
                let select = row::Entity::find()
                    .filter(row::Column::Kind.is_in(kinds.iter().map(|kind| kind.name())))
                    .filter(Expr::col(row::Column::IsRestricted))
                    .filter(row::Column::Revision.in_subquery(readable_revisions));
                select.count(db).await?
            }
        };
        Ok(open + readable + count_rows(db, query, since, begin).await? + count_rows(db, query, end, through).await?)
    }
}

fn may_read(seen: &JournalReader, kind: RecordKind) -> bool {
    !FOR_STEWARDS.contains(&kind) || *seen == JournalReader::All
}

fn index(block: u64) -> usize {
    usize::try_from(block).expect("there are fewer blocks than addresses")
}

async fn count_rows(db: &impl ConnectionTrait, query: &ChangeQuery, since: Revision, through: Revision) -> Result<u64> {
    if since >= through {
        return Ok(0);
    }
    Ok(filtered(&ChangeQuery { since, through, ..query.clone() }).count(db).await?)
}

impl CountedBlocks {
    /// Extends the cached counts up to a block.
    async fn extend(&mut self, db: &impl ConnectionTrait, last: u64) -> Result<()> {
        while (self.blocks.len() as u64) < last {
            let from = self.blocks.len() as u64;
            let to = Ord::min(last, from + BLOCKS_PER_STATEMENT);
            let block = Expr::cust(format!("(revision - 1) / {BLOCK}"));
            let select = row::Entity::find()
                .select_only()
                .column_as(block.clone(), "block")
                .column(row::Column::Kind)
                .column(row::Column::IsRestricted)
                .column_as(row::Column::Revision.count(), "entries")
                .filter(row::Column::Revision.gt(column(from * BLOCK)))
                .filter(row::Column::Revision.lte(column(to * BLOCK)))
                .group_by(block)
                .group_by(row::Column::Kind)
                .group_by(row::Column::IsRestricted);
            let mut counted: HashMap<u64, Block> = HashMap::new();
            for (block, kind, is_restricted, entries) in select.into_tuple::<(i64, String, bool, i64)>().all(db).await?
            {
                let corrupt = |column| Error::corrupt(TABLE, column, block);
                let kind: RecordKind = kind.parse().map_err(|()| corrupt("kind"))?;
                let (Ok(block), Ok(entries)) = (u64::try_from(block), u64::try_from(entries)) else {
                    return Err(corrupt("revision"));
                };
                let at = RecordKind::ALL.iter().position(|known| *known == kind).unwrap_or_default();
                let count = &mut counted.entry(block).or_default()[at];
                *(if is_restricted { &mut count.restricted } else { &mut count.open }) += entries;
            }
            for block in from..to {
                let mut up_to = self.blocks.last().copied().unwrap_or_default();
                for (up_to, here) in up_to.iter_mut().zip(counted.get(&block).copied().unwrap_or_default()) {
                    up_to.open += here.open;
                    up_to.restricted += here.restricted;
                }
                self.blocks.push(up_to);
            }
        }
        Ok(())
    }
}
