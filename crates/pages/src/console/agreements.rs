//! The agreements of the caller's districts, by stage and by whose turn it is.

use std::collections::BTreeSet;

use catalogue::search::Query;
use catalogue::{AgreementFilter, Kept};
use domain::agreement::lifecycle::VersionState;
use domain::{Agreement, Date, DistrictCode, Life, Locale, Role, Standing, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name, sentence};

use super::home::{acts, due_text};
use super::workspace::Workspace;
use crate::form::{choice, search};
use crate::language::chinese;
use crate::name;
use crate::pager::Pager;
use crate::portal::agreement::member_codes;
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many agreements one page shows.
const PAGE_SIZE: usize = 30;
/// How many agreements are looked through; more are found by words.
const MAX_LISTED: usize = 5_000;
/// The points for every hundred agreements that are looked through.
const POINTS_PER_HUNDRED: u64 = 4;
const MAX_PARTIES: usize = 6;

/// How far an agreement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A draft of ours.
    Draft,
    /// A proposal that waits for our answer.
    Answer,
    /// A proposal that waits for others.
    Waiting,
    /// A record of a paper that we have not confirmed.
    Confirm,
    /// A proposal that was rejected, withdrawn or lapsed.
    Returned,
    Standing,
    Ended,
}

const STAGES: [(Stage, &str, &str, &str); 7] = [
    (Stage::Draft, "draft", "草稿", "Drafts"),
    (Stage::Answer, "answer", "待我方签署", "To sign"),
    (Stage::Waiting, "waiting", "待对方答复", "Waiting for others"),
    (Stage::Confirm, "confirm", "待我方确认的补录", "Records to confirm"),
    (Stage::Returned, "returned", "已退回、撤回或逾期", "Returned or lapsed"),
    (Stage::Standing, "standing", "已签订", "Concluded"),
    (Stage::Ended, "ended", "已结束", "Ended"),
];

/// An agreement with what is to be done about it.
struct Entry {
    agreement: Kept<Agreement>,
    stage: Stage,
    /// The version that the stage is about.
    version: u32,
    /// Whose turn it is.
    turn: Vec<DistrictCode>,
    due: Option<Date>,
}

pub(super) fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("协议", "Agreements");
    let context = &visit.context;
    let ours = context.viewer.districts(&context.snapshot, context.today);
    let agreements = listed(visit, &ours);
    let cost = agreements.len() as u64 * POINTS_PER_HUNDRED / 100;
    let entries: Vec<Entry> = agreements.iter().map(|agreement| entry(agreement, &ours, context.today)).collect();
    let stage = STAGES.iter().find(|(_, name, ..)| *name == visit.address.get("stage")).map(|(stage, ..)| *stage);
    let is_ours = |entry: &&Entry| match visit.address.get("turn") {
        "ours" => entry.turn.iter().any(|code| ours.contains(code)),
        "others" => entry.turn.iter().any(|code| !ours.contains(code)),
        _ => true,
    };
    let counted = |of: Stage| entries.iter().filter(is_ours).filter(|entry| entry.stage == of).count();
    let shown: Vec<&Entry> =
        entries.iter().filter(is_ours).filter(|entry| stage.is_none_or(|stage| entry.stage == stage)).collect();
    let pager = Pager::new(visit, shown.len(), PAGE_SIZE);
    let turns = [("ours", locale.say("我方", "ours")), ("others", locale.say("对方", "others’"))];
    let more = choice(
        "turn",
        locale.say("轮到谁", "Whose turn"),
        locale.say("不限", "any"),
        turns.into_iter(),
        visit.address.get("turn"),
    );
    let markup = html! {
        @if acts(visit, Role::Registrar) || acts(visit, Role::Steward) {
            p class="remedies" { a class="button" href=(visit.to("/console/agreements/new")) { (locale.say("起草或补录协议", "New agreement")) } }
        }
        (search(visit, locale.say("名称、编号、文号或区域", "Title, number, document or district"), &more, &["turn"]))
        nav class="stages" aria-label=(locale.say("阶段", "Stages")) {
            ul {
                li { a href=(visit.address.clone().without("stage").without("page")) aria-current=[stage.is_none().then_some("true")] { (locale.say("全部", "All")) " " span class="count" { (entries.iter().filter(is_ours).count()) } } }
                @for (of, name, zh, en) in STAGES {
                    @let count = counted(of);
                    @if count > 0 || stage == Some(of) {
                        li { a href=(visit.address.clone().without("page").with("stage", name)) aria-current=[(stage == Some(of)).then_some("true")] { (locale.say(zh, en)) " " span class="count" { (count) } } }
                    }
                }
            }
        }
        @if shown.is_empty() { p role="status" { (locale.say("没有符合条件的协议。", "There is no such agreement.")) } }
        ol class="tasks" { @for entry in pager.of(&shown) { (row(visit, entry, &ours)) } }
        (pager.links(visit))
        @if agreements.len() == MAX_LISTED { p class="hint" { (locale.say("只列出最新的 5000 份，其余请用查询。", "Only the newest 5000 are listed; search for the others.")) } }
    };
    Workspace::new(visit, title).page(&markup).costing(cost)
}

/// The agreements of the caller's districts, the newest first; those of everybody for a steward without a district.
fn listed(visit: &Visit, ours: &BTreeSet<DistrictCode>) -> Vec<Kept<Agreement>> {
    let context = &visit.context;
    let words = visit.link.search.trim();
    if ours.is_empty() {
        let filter = AgreementFilter { on: context.today, search: Query::new(words), ..AgreementFilter::default() };
        let list = context.snapshot.list_agreements(&filter, &context.scope);
        let newest = (0..list.len()).rev().take(MAX_LISTED);
        return newest.filter_map(|at| list.get(at)).map(|listed| listed.item).collect();
    }
    let all = context.snapshot.agreements_of(ours, &context.scope).into_iter();
    all.filter(|agreement| words.is_empty() || is_found(visit, agreement, words)).take(MAX_LISTED).collect()
}

/// Are the words in the number, a title, a document number, or the name of a party?
fn is_found(visit: &Visit, agreement: &Agreement, words: &str) -> bool {
    let words = words.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&words);
    let of_party = |code: DistrictCode| {
        let known = visit.context.snapshot.district(code);
        code.as_str() == words || known.is_some_and(|known| has(district_name(known, visit.locale)))
    };
    has(&agreement.number.to_string())
        || agreement.versions.iter().any(|version| {
            has(&version.title)
                || version.document_number.as_deref().is_some_and(has)
                || version.parties.iter().any(|party| of_party(party.district))
        })
}

fn entry(agreement: &Kept<Agreement>, ours: &BTreeSet<DistrictCode>, today: Date) -> Entry {
    let entry = |stage, version: &Version, turn: Vec<DistrictCode>, due| Entry {
        agreement: agreement.clone(),
        stage,
        version: version.number,
        turn,
        due,
    };
    // What is open comes first, the newest version before older ones.
    for version in agreement.versions.iter().rev() {
        match &version.life {
            Life::Draft(draft) if ours.is_empty() || ours.contains(&draft.author) => {
                return entry(Stage::Draft, version, vec![draft.author], None);
            }
            Life::Proposal(proposal) if version.state(today) == VersionState::Proposed => {
                let waiting: Vec<DistrictCode> =
                    proposal.outstanding().into_iter().filter(|party| !proposal.has_rejected(*party)).collect();
                let is_ours = waiting.iter().any(|party| ours.contains(party));
                let stage = if is_ours { Stage::Answer } else { Stage::Waiting };
                return entry(stage, version, waiting, Some(proposal.answer_by));
            }
            Life::Draft(_) | Life::Proposal(_) | Life::Paper(_) => {}
        }
    }
    let Some(concluded) = agreement.concluded(today) else {
        let latest = agreement.latest();
        return entry(Stage::Returned, latest, latest.author().into_iter().collect(), None);
    };
    let has_ended = matches!(agreement.standing(today), Standing::Expired | Standing::Terminated | Standing::Voided);
    if has_ended {
        return entry(Stage::Ended, concluded, Vec::new(), None);
    }
    let unconfirmed: Vec<DistrictCode> = concluded.unconfirmed().map(|party| party.district).collect();
    if unconfirmed.iter().any(|party| ours.contains(party)) {
        return entry(Stage::Confirm, concluded, unconfirmed, None);
    }
    entry(Stage::Standing, concluded, unconfirmed, None)
}

fn row(visit: &Visit, entry: &Entry, ours: &BTreeSet<DistrictCode>) -> Markup {
    let locale = visit.locale;
    let Entry { agreement, stage, version, turn, due } = entry;
    let number = agreement.number;
    let Some(shown) = agreement.version(*version) else { return html! {} };
    let label = STAGES.iter().find(|(of, ..)| of == stage).map_or("", |(_, _, zh, en)| locale.say(zh, en));
    let standing = (*stage == Stage::Standing).then(|| sentence(agreement.standing(visit.context.today).label(locale)));
    let others: Vec<DistrictCode> = turn.iter().copied().filter(|code| !ours.contains(code)).collect();
    let address = visit.to(&format!("/console/agreements/{number}"));
    html! {
        li {
            span class="badge" { @match &standing { Some(standing) => { (standing) } None => { (label) } } } " "
            a href=(address) lang=[chinese(locale)] { (shown.title) }
            @if *stage == Stage::Draft && acts(visit, Role::Registrar) {
                " " a class="act" href=(visit.at(&format!("/console/agreements/{number}/draft/schedule")).with("version", version.to_string())) { (locale.say("继续起草", "Go on")) }
            }
            p class="facts" {
                code { (number) }
                span { @match locale { Locale::Zh => { "第 " (version) " 版" } Locale::En => { "version " (version) } } }
                span { (name::districts(visit, &member_codes(shown), MAX_PARTIES)) }
                @if turn.iter().any(|code| ours.contains(code)) { strong { (locale.say("轮到我方", "our turn")) } }
                @if !others.is_empty() && *stage != Stage::Draft { span { (locale.say("等待", "waiting for ")) (name::districts(visit, &others, 3)) } }
                @if let Some(due) = due { span { (due_text(*due, visit.context.today, locale)) } }
            }
        }
    }
}
