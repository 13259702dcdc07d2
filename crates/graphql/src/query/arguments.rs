//! Arguments and selections that several queries share.

use async_graphql::Context;
use domain::Message;

/// The search of an argument `search`; `None` when it has no words.
pub(super) fn search(text: Option<&str>) -> Option<catalogue::search::Query> {
    text.and_then(catalogue::search::Query::new)
}

/// The message for a list argument that is too long.
pub(super) fn at_most(given: usize, most: usize, zh: &str, en: &str) -> Message {
    Message::new(
        format!("一次最多可查询 {most} {zh}，不能是 {given}"),
        format!("at most {most} {en} can be asked for at once, not {given}"),
    )
}

/// Is `didYouMean` selected? It takes longer than the search itself.
pub(super) fn selects_suggestions(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("didYouMean").exists()
}

/// Are the parts of the found name selected?
pub(super) fn selects_name_parts(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("edges").field("found").exists()
}
