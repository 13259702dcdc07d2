//! Who answers for the registry, where its records come from, and how they can be checked.

use domain::{Locale, Scope, calendar};
use maud::html;
use registry::presentation::Say as _;

use crate::frame::{Frame, grouped, operator};
use crate::name::fact;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let head = snapshot.head();
    let counts = snapshot.counts(&Scope::Public);
    let number = |count: usize| html! { (grouped(count)) };
    let title = locale.say("关于本平台", "About this registry");
    let markup = Frame::new(visit, title).draw(&html! {
        h1 { (title) }
        p class="lead" {
            (locale.say(
                "本平台登记各地签订的“跨域通办”协议、政策依据、办事指南和通办窗口，回答一个问题：人在这里，事归那里，能不能在这里办、怎么办。",
                "The registry keeps the agreements, policies, guides and windows for services across districts in China, and answers one question: can a matter of one district be done in another, and how?",
            ))
        }
        section {
            h2 { (locale.say("谁负责", "Who answers for it")) }
            (operator(visit))
            p {
                (locale.say(
                    "每份协议由签约方登记和签署，办事指南和窗口由所在区域发布；是否受理、如何决定，仍由业务属地的部门负责。",
                    "Agreements are recorded and signed by their parties; guides and windows are published by their districts. Whether an application is accepted, and how it is decided, remains with the competent district.",
                ))
            }
        }
        section {
            h2 { (locale.say("数据", "Data")) }
            dl class="facts-list" {
                (fact(locale.say("数据版本", "Revision"), &number(usize::try_from(head.revision).unwrap_or(usize::MAX))))
                (fact(locale.say("更新于", "Updated"), &html! { (calendar::in_china(head.recorded_at).format("%Y-%m-%d %H:%M").to_string()) (locale.say("（北京时间）", " (Beijing time)")) }))
                (fact(locale.say("区域", "Districts"), &number(counts.districts)))
                (fact(locale.say("事项", "Matters"), &number(counts.matters)))
                (fact(locale.say("协议", "Agreements"), &number(counts.agreements)))
                (fact(locale.say("政策依据", "Policies"), &number(counts.policies)))
                (fact(locale.say("办事指南", "Guides"), &number(counts.offerings)))
                (fact(locale.say("通办窗口", "Windows"), &number(counts.windows)))
            }
            p {
                (locale.say(
                    "每条记录写明来源和许可。带“示例数据”标记的记录是为演示编写的，请勿据此办事。",
                    "Every record states its source and licence. Records marked “Sample data” were made up for a demonstration; do not rely on them.",
                ))
            }
        }
        section {
            h2 { (locale.say("怎么核对", "How to check it")) }
            p {
                (locale.say(
                    "每次更改写入首尾相连的日志，任何人都可以下载全部公开记录，用 tongban verify 核对。日志最新一条的摘要：",
                    "Every change is an entry of a journal in which each entry names the digest of the one before. Anybody can download all public records and check them with tongban verify. The digest of the newest entry:",
                ))
            }
            p { code class="digest" { (head.digest) } }
            p { a href="/export" { (locale.say("下载全部公开记录", "Download all public records")) } }
        }
        section {
            h2 { (locale.say("无障碍与隐私", "Accessibility and privacy")) }
            p {
                (locale.say(
                    "页面不用脚本也能用，可以放大到四倍，可以只用键盘，支持读屏软件；页首可以切换长辈版。本平台不记录谁查了什么，只用一个 Cookie 记住您选的版式。",
                    "The pages work without scripts, at four times the size, by keyboard alone and with screen readers; larger type is a switch at the top. The registry does not record who asks what. One cookie remembers the view you chose.",
                ))
            }
        }
        @if locale == Locale::En { p class="quiet" { "Names and texts of records are in Chinese where the districts gave no English." } }
    });
    PageResponse::page(200, markup)
}
