//! Drafts of new agreements and of new versions: draft, amend, revise, discard.

use domain::agreement::form::{Amendment, read_draft};
use domain::agreement::lifecycle::{Draft, Life};
use domain::journal::Action;
use domain::reading::Reader;
use domain::{Agreement, AgreementNumber, Message, ProblemCode, RecordKind, Version};

use super::{MAX_REASON, MAX_VERSION, number, version};
use crate::acts::write::write;
use crate::acts::writing::Writing;
use crate::acts::{Abort, Input, Outcome, Saved};
use crate::error::Error;
use crate::request_context::RequestContext;

pub async fn draft(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "draftAgreement", input, read_draft, async |work, (proposer, draft)| {
        work.expect(0);
        let draft = work.settled(None, draft.clone(), None).await?;
        let author = work.as_named(draft.parties.iter(), *proposer);
        let number = work.next_number()?;
        let drafted = work.noted(Agreement::drafted(number, Version { life: Life::Draft(Draft { author }), ..draft }));
        work.save_agreement(drafted, Action::Drafted).await
    })
    .await
}

/// The form of a draft over a version, as far as it could be read.
struct Form {
    number: Option<AgreementNumber>,
    base: Option<u32>,
    /// The draft to revise. Absent: the only draft of the proposer.
    version: Which,
    amendment: Amendment,
}

enum Which {
    Only,
    Numbered(u32),
    Unread,
}

impl Form {
    fn read(r: &mut Reader<'_>) -> Self {
        let version = match (r.has("version"), r.number("version", MAX_VERSION)) {
            (false, _) => Which::Only,
            (true, Some(version)) => Which::Numbered(version),
            (true, None) => Which::Unread,
        };
        Self {
            number: number(r),
            base: r.readable_number("baseVersion", MAX_VERSION),
            version,
            amendment: Amendment::read(r),
        }
    }
}

pub async fn amend(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        if r.has("version") {
            r.refuse(
                ProblemCode::Invalid,
                "version",
                "NOT_YET",
                Message::new("新草稿的版本号由系统给出", "the registry gives a new draft its number"),
                Message::new(
                    "请不填 version；修改草稿请用 reviseDraft",
                    "leave version out; reviseDraft changes an existing draft",
                ),
            );
        }
        Form::read(r)
    };
    write(request, "amendAgreement", input, read, async |work, form| {
        let today = work.today();
        let agreement = work.agreement(form.number).await?;
        let base = agreement
            .as_ref()
            .zip(form.base)
            .filter(|(agreement, base)| *base == 0 || work.sees(agreement, *base, "baseVersion"));
        let under = base.and_then(
            |(agreement, base)| if base == 0 { agreement.corrected(today).ok() } else { agreement.version(base) },
        );
        let draft = work.over(form, under, agreement.as_ref()).await?;
        let amended = match base {
            Some((agreement, base)) => {
                let author = work.party(agreement, form.amendment.proposer);
                work.noted(agreement.clone().amend(draft, base, author, today))
            }
            None => None,
        };
        work.save_agreement(amended, Action::Amended).await
    })
    .await
}

pub async fn revise(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "reviseDraft", input, Form::read, async |work, form| {
        let today = work.today();
        let agreement = work.agreement(form.number).await?;
        let version = agreement.as_ref().and_then(|agreement| work.draft_meant(form, agreement));
        let base = form.base.filter(|base| {
            *base == 0 || agreement.as_ref().is_some_and(|agreement| work.sees(agreement, *base, "baseVersion"))
        });
        let held = agreement.as_ref().zip(version).and_then(|(agreement, version)| agreement.version(version));
        // A draft without a base keeps none; its own number is not a base.
        let rests_on_nothing =
            |held: &Version, base: u32| held.base_version.is_none() && (base == 0 || base == held.number);
        let over = held.zip(base).map(|(held, base)| if rests_on_nothing(held, base) { None } else { Some(base) });
        let under = agreement.as_ref().zip(over).and_then(|(agreement, over)| match over {
            None => held,
            Some(0) => agreement.corrected(today).ok(),
            Some(base) => agreement.version(base),
        });
        let draft = work.over(form, under, agreement.as_ref()).await?;
        let (Some(agreement), Some(version), Some(over)) = (agreement, version, over) else { return Ok(None) };
        let author = work.party(&agreement, form.amendment.proposer);
        let revised = work.noted(agreement.revise_draft(version, draft, over, author, today));
        // A draft rebased on a newer version gets a new number and becomes the newest.
        let number = revised.as_ref().map_or(version, |revised| {
            revised.version(version).map_or(revised.latest().number, |version| version.number)
        });
        work.save_version(revised, number, Action::DraftRevised).await
    })
    .await
}

pub async fn discard(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        // Nothing of the agreement is left.
        r.optional_line("reason", MAX_REASON);
        (number(r), version(r))
    };
    write(request, "discardDraft", input, read, async |work, (number, version)| {
        let Some((agreement, version)) = work.own(*number, *version).await? else { return Ok(None) };
        let number = agreement.number;
        match work.noted(agreement.discard_draft(version, work.today())) {
            Some(None) if work.is_sound() => {
                let change = work.work.remove_agreement(number, Action::DraftDiscarded).await?;
                Ok(Some(Saved {
                    kind: RecordKind::Agreement,
                    record: change.record,
                    revision: change.revision,
                    version: None,
                    secret: None,
                }))
            }
            left => work.save_agreement(left.flatten(), Action::DraftDiscarded).await,
        }
    })
    .await
}

impl Writing<'_> {
    /// The draft over its base. Checks everything that it names.
    async fn over(&mut self, form: &Form, under: Option<&Version>, held: Option<&Agreement>) -> Result<Version, Abort> {
        let amendment = form.amendment.clone();
        let mut problems = Vec::new();
        let draft = match under {
            Some(under) => amendment.over(under, &mut problems),
            None => amendment.alone(),
        };
        self.note_all(problems);
        self.settled(form.number, draft, held).await
    }

    /// The draft to revise, if the caller may see it.
    fn draft_meant(&mut self, form: &Form, agreement: &Agreement) -> Option<u32> {
        let proposer = form.amendment.proposer;
        let version = match form.version {
            Which::Numbered(version) => Some(version),
            // The proposer is unreadable, so its only draft is unknown.
            Which::Only if proposer.is_unread() => None,
            Which::Only => self.noted(agreement.only_draft_of(self.party(agreement, proposer))),
            Which::Unread => None,
        }?;
        self.sees(agreement, version, "version").then_some(version)
    }
}
