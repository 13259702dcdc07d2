//! Help in plain words: how to ask, what the answers mean, and what to do next.

use domain::HandlingMode;
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use crate::frame::{Frame, operator};
use crate::response::PageResponse;
use crate::visit::Visit;

/// Questions with their answers, in both languages.
const QUESTIONS: [[(&str, &str); 2]; 8] = [
    [
        ("怎么查？", "How do I ask?"),
        (
            "在首页填“我现在在”哪里、“要办哪里的业务”，再写要办什么。只填一项也可以：只写事项，会列出哪些地方能办；只写一地，会列出通办的伙伴。",
            "On the start page say where you are, whose matter it is, and what you need. One field is enough: a matter alone lists where it can be done, a district alone lists its partners.",
        ),
    ],
    [
        ("地名怎么写？", "How do I write a district?"),
        (
            "写区县名称（南沙）、带上级的全称（广东省广州市南沙区）、拼音首字母（nsq）或六位区划代码（440115）都可以。有重名时会请您选择。",
            "By its name (Nansha), its full name, the initials of its pinyin (nsq) or its six-digit code (440115). If several districts share a name, you choose.",
        ),
    ],
    [
        ("什么是“业务属地”？", "What is the competent district?"),
        (
            "有权决定这件事的地方，常由户籍地、参保地、缴存地或不动产所在地确定。每个事项的页面写明按什么确定。",
            "The district whose authority decides. It follows from where you are registered or insured, or where the property lies; the page of each matter says which.",
        ),
    ],
    [
        ("“可以办”之后做什么？", "It can be done. What next?"),
        (
            "按页面所列带齐材料，去通办窗口或在网上申请。没有登记窗口的，请先打电话问清楚。页面可以打印，地址可以收藏或发给别人。",
            "Bring the materials that the page lists to a window, or apply online. If no window is registered, call first. You can print the page, and its address can be kept or sent.",
        ),
    ],
    [
        ("“不能办”怎么办？", "It cannot be done. What now?"),
        (
            "页面说明原因，每个原因下有办法：换一个方向、换一天、换一地，或者联系业务属地。",
            "The page gives the reason, and under each reason what you can do: the other direction, another day, another district, or whom to ask.",
        ),
    ],
    [
        ("时限从哪天算起？", "From which day do the limits run?"),
        (
            "业务属地的承诺时限自受理之日起算，不自窗口收件之日起算；转送材料的时间另算。“谁做什么”表里分步列出。",
            "The competent district's days run from acceptance, not from the day a window receives your materials. Forwarding takes its own days; the table of steps lists them.",
        ),
    ],
    [
        ("协议暂停了怎么办？", "An agreement is stopped. What now?"),
        (
            "公告页列出正在暂停的协议和预计恢复的日期。暂停期间请向业务属地办理，已受理的按原约定办完。",
            "The notices list what is stopped now and when it is expected to go on. Meanwhile apply to the competent district; accepted cases are finished under the old terms.",
        ),
    ],
    [
        ("字太小怎么办？", "The type is too small."),
        (
            "点页首的“长辈版”，字更大、对比更强、一栏排列。再点“标准版”恢复。",
            "Choose “Large type” at the top of any page; “Standard view” takes it back.",
        ),
    ],
];

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("帮助", "Help");
    let markup = Frame::new(visit, title).draw(&html! {
        h1 { (title) }
        @for [(zh, en), (answer_zh, answer_en)] in QUESTIONS {
            section class="question-and-answer" {
                h2 { (locale.say(zh, en)) }
                p { (locale.say(answer_zh, answer_en)) }
            }
        }
        (modes(visit))
        @if visit.site.contact.is_some() || visit.site.owner.is_some() {
            section { h2 { (locale.say("联系我们", "Contact")) } (operator(visit)) }
        }
        p class="next" {
            a class="button" href=(visit.to("/")) { (locale.say("去查询", "Ask")) } " "
            a class="button quiet" href=(visit.to("/developers")) { (locale.say("系统对接", "For developers")) }
        }
    });
    PageResponse::page(200, markup)
}

/// The modes in plain words.
pub(crate) fn modes(visit: &Visit) -> Markup {
    let locale = visit.locale;
    html! {
        section class="modes" {
            h2 { (locale.say("通办方式", "Ways of handling")) }
            dl {
                @for mode in HandlingMode::ALL {
                    dt { (sentence(mode.label(locale))) }
                    dd { (mode.explanation(locale)) }
                }
            }
        }
    }
}
