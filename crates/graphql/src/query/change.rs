//! Queries about the change feed.

use async_graphql::{Context, ID, Object};
use domain::Message;
use futures::FutureExt as _;
use registry::error::Error;
use registry::feed::Feed;

use crate::change::feed::{self, ChangeConnection};
use crate::connection::arguments::Paging;
use crate::context::request_context;
use crate::enums;
use crate::enums::change::RecordKind;
use crate::scalar::{DistrictCode, Revision};

#[derive(Debug, Clone, Copy, Default)]
pub struct ChangeQuery;

#[Object(serial)]
impl ChangeQuery {
    /// The changes (变更) of the journal, oldest first. Changes that the caller may not see are left out; `readThrough`
    /// says up to which revision the page is complete. A mirror of the registry reads this list after a snapshot.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Changes after this revision. Default: 0, from the beginning.")] since: Option<Revision>,
        #[graphql(
            desc = "The `epoch` of the journal that `since` belongs to. When the registry has a different epoch, or `since` is beyond its newest revision, the error is `EPOCH_CHANGED`: download a new snapshot."
        )]
        epoch: Option<ID>,
        #[graphql(desc = "Filter: changes of records of these kinds.")] kinds: Option<Vec<RecordKind>>,
        #[graphql(
            desc = "Filter: changes of this district, of its offerings and windows, and of the agreements to which it is a party."
        )]
        district: Option<DistrictCode>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ChangeConnection, Error> {
        let request = request_context(ctx);
        let paging = Paging::new(first, after, last, before)?;
        // No record has the id 0, so an unknown district has no changes.
        let district =
            district.map(|code| request.snapshot.district(code.0).map_or(domain::Id::new(0), |district| district.id));
        let since = since.map_or(0, |since| since.0);
        if since > 0 && epoch.is_none() && paging.begins() {
            if request.require_epoch {
                return Err(Error::bad_input(
                    "epoch",
                    Message::new(
                        "请给出 since 所属的纪元（上一页或快照给出的 epoch）",
                        "give the epoch that since belongs to, as the last page or the snapshot gave it",
                    ),
                ));
            }
            ctx.data_unchecked::<std::sync::Arc<crate::context::Views>>().warn("EPOCH_MISSING");
        }
        let feed =
            Feed { since, epoch: epoch.map(|epoch| epoch.0), kinds: enums::to_domain(kinds), record: None, district };
        // On the heap: every query would otherwise have a future as large as this one.
        feed::page(&feed, ctx, &paging).boxed().await
    }
}
