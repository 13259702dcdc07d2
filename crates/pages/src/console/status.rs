//! The status of the registry, for stewards: revision, database, snapshot, and counts.

use domain::{Role, Scope, calendar};
use maud::html;
use registry::presentation::Say as _;

use super::workspace::Workspace;
use crate::frame::grouped;
use crate::name::fact;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let (locale, context) = (visit.locale, &visit.context);
    let title = locale.say("运行状态", "Status");
    if !context.viewer.roles.contains(&Role::Steward) {
        let text = locale.say("只有平台管理员可以查看运行状态。", "Only stewards see the status.");
        return Workspace::new(visit, title).response(403, &html! { p class="lead" { (text) } });
    }
    let head = context.snapshot.head();
    let counts = context.snapshot.counts(&Scope::Steward);
    let health = context.store.health().await;
    let server = context.store.server_status().await.ok();
    let observed = context.follower.monitor.observation();
    // In milliseconds.
    let age = context.follower.age() / 1_000;
    let yes_no = |yes: bool| if yes { locale.say("是", "yes") } else { locale.say("否", "no") };
    let time = |at| calendar::in_china(at).format("%Y-%m-%d %H:%M:%S").to_string();
    let seconds = |seconds: u64| match locale {
        domain::Locale::Zh => format!("{seconds} 秒"),
        domain::Locale::En => format!("{seconds} s"),
    };
    let counted = [
        (locale.say("区域", "Districts"), counts.districts),
        (locale.say("事项", "Matters"), counts.matters),
        (locale.say("协议", "Agreements"), counts.agreements),
        (locale.say("政策依据", "Policies"), counts.policies),
        (locale.say("实施清单", "Offerings"), counts.offerings),
        (locale.say("通办窗口", "Windows"), counts.windows),
    ];
    let content = html! {
        section aria-labelledby="database" {
            h2 id="database" { (locale.say("数据库", "Database")) }
            dl class="facts-list" {
                @match &health {
                    Ok(health) => {
                        (fact(locale.say("连接", "Connection"), &html! { span class="badge added" { (locale.say("正常", "up")) } " " (health.database) " · " (health.took.as_millis()) " ms" }))
                        (fact(locale.say("数据库的数据版本", "Revision in the database"), &html! { (health.revision) }))
                    }
                    Err(_) => (fact(locale.say("连接", "Connection"), &html! { span class="badge removed" { (locale.say("中断", "down")) } })),
                }
                (fact(locale.say("可写", "Writable"), &html! {
                    @if !context.store.is_writable() { (locale.say("否（本服务只读）", "no (this gateway is read-only)")) }
                    @else { @match observed.writable { Some(writable) => { (yes_no(writable)) } None => { (locale.say("尚未写过", "nothing was written yet")) } } }
                }))
                @if let Some(behind) = server.and_then(|server| server.behind) { (fact(locale.say("备库落后", "A standby, behind by"), &html! { (seconds(behind.as_secs())) })) }
                @if let Some(ahead) = observed.ahead_of_database { (fact(locale.say("本机时钟比数据库快", "This clock is ahead of the database's by"), &html! { (format!("{ahead:.1}")) (locale.say(" 秒", " s")) })) }
            }
        }
        section aria-labelledby="snapshot" {
            h2 id="snapshot" { (locale.say("本服务的数据", "What this gateway answers from")) }
            dl class="facts-list" {
                (fact(locale.say("数据版本", "Revision"), &html! { (head.revision) }))
                (fact(locale.say("记录时间", "Recorded at"), &html! { (time(head.recorded_at)) (locale.say("（北京时间）", " (Beijing time)")) }))
                (fact(locale.say("距上次与数据库核对", "Compared with the database"), &html! { (seconds(age)) @if locale == domain::Locale::En { " ago" } }))
                @if let Ok(health) = &health { (fact(locale.say("落后的数据版本", "Revisions behind"), &html! { (health.revision.saturating_sub(head.revision)) })) }
                (fact(locale.say("纪元", "Epoch"), &html! { code { (head.epoch) } }))
                (fact(locale.say("最新日志摘要", "Digest of the newest entry"), &html! { code class="digest" { (head.digest) } }))
                (fact(locale.say("今天（中国）", "Today in China"), &html! { (context.today) }))
            }
        }
        section aria-labelledby="counts" {
            h2 id="counts" { (locale.say("记录数", "Records")) }
            dl class="facts-list" { @for (label, count) in counted { (fact(label, &html! { (grouped(count)) })) } }
        }
        p { a href=(visit.to("/console/journal")) { (locale.say("操作日志", "Journal")) } " · " a href="/health/ready" { "/health/ready" } " · " a href="/metrics" { "/metrics" } }
    };
    Workspace::new(visit, title).page(&content)
}
