//! The findings that the caller may see: by severity, rule and district, with the page where each is mended.

use catalogue::{Finding, Rule, Severity, Subject};
use domain::agreement::lifecycle::Life;
use domain::{Date, DistrictCode, Locale, Role, Version};
use maud::{Markup, html};
use registry::error::internal;
use registry::presentation::{Say as _, district_name, sentence};

use super::workspace::Workspace;
use crate::language::{chinese, lang};
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::side::Side;
use crate::visit::Visit;

const PAGE_SIZE: usize = 50;
/// The points of a page of findings.
const POINTS: u64 = 50;
/// The parameter of the district for those of all districts.
const ALL: &str = "all";

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let (locale, context) = (visit.locale, &visit.context);
    let title = locale.say("数据问题", "Findings");
    if let Err(error) = context.compute_findings().await {
        let message = internal(&format!("{error:?}"), "the findings could not be computed");
        return Workspace::new(visit, title).response(500, &html! { p class="lead" { (message.text(locale)) } });
    }
    let asked = Asked::read(visit);
    let severities: Vec<Severity> = asked.severity.into_iter().collect();
    let rules: Vec<Rule> = asked.rule.into_iter().collect();
    let list = context.snapshot.findings(context.today, asked.district, &severities, &rules, &context.scope);
    let pager = Pager::new(visit, list.len(), PAGE_SIZE);
    let shown: Vec<Finding> = pager.places().filter_map(|place| Some(list.get(place)?.item)).collect();
    let content = html! {
        (filters(visit, &asked))
        @if let Some(unknown) = &asked.unknown {
            p class="note" role="status" { @match locale { Locale::Zh => { "没有找到区域“" (unknown) "”，以下为全部。" } Locale::En => { "No district “" (unknown) "” was found; these are all." } } }
        }
        p role="status" class="count" { @match locale { Locale::Zh => { "共 " (list.len()) " 项" } Locale::En => { (list.len()) " findings" } } }
        @if shown.is_empty() { p { (locale.say("没有这样的数据问题。", "There is no such finding.")) } }
        ul class="tasks" { @for finding in &shown { (entry(visit, finding)) } }
        (pager.links(visit))
    };
    Workspace::new(visit, title).page(&content).costing(POINTS)
}

/// What the page was asked for.
struct Asked {
    severity: Option<Severity>,
    rule: Option<Rule>,
    district: Option<DistrictCode>,
    /// A district that was not found.
    unknown: Option<String>,
}

impl Asked {
    fn read(visit: &Visit) -> Self {
        let context = &visit.context;
        let severity = visit.address.get("severity");
        let rule = visit.address.get("rule");
        let written = visit.address.get("district");
        let is_steward = context.viewer.roles.contains(&Role::Steward);
        let (district, unknown) = match written {
            ALL => (None, None),
            "" => (context.viewer.district.filter(|_| !is_steward), None),
            written => match Side::read(written, &context.snapshot, context.today).known() {
                Some(district) => (Some(district.code), None),
                None => (None, Some(written.to_owned())),
            },
        };
        Self {
            severity: Severity::ALL.iter().copied().find(|other| other.name() == severity),
            rule: Rule::ALL.iter().copied().find(|other| other.name() == rule),
            district,
            unknown,
        }
    }
}

fn filters(visit: &Visit, asked: &Asked) -> Markup {
    let locale = visit.locale;
    let district = asked.district.and_then(|code| visit.context.snapshot.district(code));
    let written = match (district, &asked.unknown) {
        (Some(district), _) => {
            // A name may be that of several districts; the code is not.
            format!("{} {}", district.code, district_name(district, locale))
        }
        (None, Some(unknown)) => unknown.clone(),
        (None, None) => String::new(),
    };
    let code = district.map_or(written, |district| district.code.to_string());
    html! {
        form class="filters" method="get" action="/console/findings" {
            p class="field" {
                label for="severity" { (locale.say("程度", "Severity")) }
                select id="severity" name="severity" {
                    option value="" { (locale.say("全部", "all")) }
                    @for severity in Severity::ALL { option value=(severity.name()) selected[asked.severity == Some(*severity)] { (severity.label(locale)) } }
                }
            }
            p class="field" {
                label for="rule" { (locale.say("规则", "Rule")) }
                select id="rule" name="rule" {
                    option value="" { (locale.say("全部", "all")) }
                    @for rule in Rule::ALL { option value=(rule.name()) selected[asked.rule == Some(*rule)] { (rule.number()) " " (rule.label(locale)) } }
                }
            }
            p class="field district" {
                label for="district" { (locale.say("区域（名称或代码）", "District (name or code)")) }
                input id="district" name="district" type="text" value=(code) autocomplete="off" spellcheck="false" data-districts {}
            }
            @if let Some(language) = visit.link.lang { input type="hidden" name="lang" value=(lang(language)) {} }
            p class="buttons" {
                button class="button quiet" type="submit" { (locale.say("筛选", "Filter")) }
                @if asked.district.is_some() { a class="button quiet" href=(visit.address.clone().with("district", ALL).without("page")) { (locale.say("所有区域", "All districts")) } }
            }
            @if let Some(district) = district {
                p class="hint" { (locale.say("现在显示的是 ", "Shown: ")) (name::district(visit, district)) (locale.say(" 应处理或涉及它的问题。", ", what it should mend or what concerns it.")) }
            }
        }
    }
}

fn entry(visit: &Visit, finding: &Finding) -> Markup {
    let locale = visit.locale;
    let class = match finding.severity {
        Severity::Error => "removed",
        Severity::Warning => "changed",
        Severity::Note => "",
    };
    html! {
        li {
            span class={ "badge " (class) } { (sentence(finding.severity.label(locale))) } " "
            (finding.message.text(locale))
            @if finding.count > 1 { " " span class="count" { @match locale { Locale::Zh => { "（" (finding.count) " 处）" } Locale::En => { "(" (finding.count) ")" } } } }
            p class="facts" {
                @if let Some(district) = &finding.district { span { (name::district(visit, district)) } " " }
                @if let Some(since) = since(finding) { span { (locale.say("始于 ", "since ")) (since) } " " }
                span { (subject(visit, finding)) } " "
                span { (locale.say("规则 ", "rule ")) (finding.rule.number()) }
            }
            p { (finding.remedy.text(locale)) (locale.say("。", ". ")) a href=(visit.to(&mended_at(finding))) { (locale.say("去处理", "Go and mend it")) } }
        }
    }
}

fn subject(visit: &Visit, finding: &Finding) -> Markup {
    match &finding.subject {
        Some(Subject::Agreement(agreement)) => html! {
            a href=(visit.to(&format!("/console/agreements/{}", agreement.number))) lang=[chinese(visit.locale)] { (agreement.latest().title) }
        },
        Some(Subject::Policy(policy)) => name::policy(visit, policy.id, policy),
        Some(Subject::Matter(matter)) => name::matter(visit, matter),
        Some(Subject::District(district)) => name::district(visit, district),
        Some(Subject::Offering(_)) | None => html! {},
    }
}

/// The page where a finding is mended.
fn mended_at(finding: &Finding) -> String {
    match finding.rule {
        Rule::MatterWithoutOffering
        | Rule::OnlineAgainstOffering
        | Rule::OfferingNotVerified
        | Rule::InvalidAgencyCode
        | Rule::OfferingWithoutMatter => "/console/offerings".to_owned(),
        Rule::ProxyWithoutWindow | Rule::DuplicateWindow => "/console/windows".to_owned(),
        Rule::ProvinceCodeForm => "/console/catalogue/districts".to_owned(),
        Rule::MatterIsPower | Rule::MatterWithoutAudience => "/console/catalogue/matters".to_owned(),
        Rule::PolicyWithoutIssuer | Rule::PolicyTakenAway => "/console/catalogue/policies".to_owned(),
        Rule::OneSided => format!("{}/confirm", of_agreement(finding)),
        Rule::ClauseOutsideAgreement
        | Rule::PartyRetired
        | Rule::ContradictoryTerms
        | Rule::DomainWithoutBody
        | Rule::AgreementEndsSoon
        | Rule::JointWithoutOneLead
        | Rule::Unanswered
        | Rule::MatterRetired
        | Rule::RenewalWithoutEnd
        | Rule::ClauseNeverHolds
        | Rule::JointStepOfNonParty
        | Rule::EffectiveBeforeSigned => of_agreement(finding),
    }
}

fn of_agreement(finding: &Finding) -> String {
    match &finding.subject {
        Some(Subject::Agreement(agreement)) => format!("/console/agreements/{}", agreement.number),
        _ => "/console/agreements".to_owned(),
    }
}

/// Since when it stands, where the records say so.
fn since(finding: &Finding) -> Option<Date> {
    let Some(Subject::Agreement(agreement)) = &finding.subject else { return None };
    match finding.rule {
        Rule::OneSided => {
            let recorded = agreement.versions.iter().rev().filter(|version| matches!(version.life, Life::Paper(_)));
            recorded.filter_map(Version::recorded_on).next()
        }
        Rule::Unanswered => {
            let proposals = agreement.versions.iter().rev().filter_map(|version| version.proposal());
            proposals.filter_map(|proposal| proposal.answer_by.succ_opt()).next()
        }
        Rule::EffectiveBeforeSigned => agreement.versions.iter().rev().find_map(Version::signed_on),
        _ => None,
    }
}
