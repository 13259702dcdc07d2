//! For developers: the first answer in five minutes, the forms of records, and examples in four languages.

use domain::{Locale, RecordKind};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use crate::frame::Frame;
use crate::response::PageResponse;
use crate::visit::Visit;

/// The kinds of records that files hold.
const KINDS: [RecordKind; 6] = [
    RecordKind::District,
    RecordKind::Matter,
    RecordKind::Offering,
    RecordKind::Window,
    RecordKind::Agreement,
    RecordKind::Policy,
];

/// The query of all examples: `handling` is THE question.
const QUERY: &str = "{ handling(matter: \\\"MATTER\\\", receiving: \\\"RECEIVING\\\", competent: \\\"COMPETENT\\\") { answer routes { mode modeName validTo } reasons { code message remedy } } }";

const CURL: &str = "curl -s BASE/graphql \\\n  -H 'content-type: application/json' \\\n  -d '{\"query\": \"QUERY\"}'";

const JAVASCRIPT: &str = "const response = await fetch('BASE/graphql', {\n  method: 'POST',\n  headers: { 'content-type': 'application/json' },\n  body: JSON.stringify({ query: \"QUERY\" }),\n});\nconst { data, errors } = await response.json();";

const JAVA: &str = "var body = \"{\\\"query\\\": \\\"QUERY2\\\"}\";\nvar request = HttpRequest.newBuilder(URI.create(\"BASE/graphql\"))\n    .header(\"content-type\", \"application/json\")\n    .POST(HttpRequest.BodyPublishers.ofString(body)).build();\nvar answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();";

const PYTHON: &str = "import json, urllib.request\nbody = json.dumps({\"query\": \"QUERY\"}).encode()\nrequest = urllib.request.Request(\"BASE/graphql\", body, {\"content-type\": \"application/json\"})\nanswer = json.load(urllib.request.urlopen(request))";

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("系统对接", "For developers");
    let markup = Frame::new(visit, title).draw(&html! {
        h1 { (title) }
        p class="lead" {
            (locale.say(
                "同一个接口回答网页、终端和各地系统的问题：GraphQL，不用注册就能查询公开记录。",
                "One interface answers the pages, the terminal and other systems: GraphQL. Public records can be queried without an account.",
            ))
        }
        section {
            h2 { (locale.say("五分钟得到第一个答案", "The first answer in five minutes")) }
            (example("curl", CURL, visit))
            (example("JavaScript", JAVASCRIPT, visit))
            (example("Java 11", JAVA, visit))
            (example("Python 3", PYTHON, visit))
            p { a class="button" href="/graphql" { (locale.say("在线试查（GraphiQL）", "Try it in GraphiQL")) } }
        }
        section {
            h2 { (locale.say("有什么", "What there is")) }
            ul class="links" {
                li { a href="/schema.graphql" { "/schema.graphql" } " " (locale.say("接口模式，每个字段都有说明", "the schema; every field is described")) }
                li { a href="/export" { "/export" } " " (locale.say("全部公开记录，每行一条 JSON", "all public records, one JSON line each")) }
                li { code { "changes(after:)" } " " (locale.say("变更记录：从上次的版本接着读，不漏不重", "the change feed: read on from the last revision, without gaps")) }
                li { a href="/notices.atom" { "/notices.atom" } " " (locale.say("公告订阅", "notices as a feed")) }
            }
        }
        (records(locale))
        (rules(locale))
    });
    PageResponse::page(200, markup)
}

/// A piece of code with the address of this registry, and with records that it has.
fn example(name: &str, code: &str, visit: &Visit) -> Markup {
    let snapshot = &visit.context.snapshot;
    let known = |text: &str| text.parse().ok().filter(|code| snapshot.district(*code).is_some());
    let matter = "LGA000000001".parse().ok().filter(|code| snapshot.matter(*code).is_some());
    let (matter, receiving, competent) = match (matter, known("440115"), known("310112")) {
        (Some(matter), Some(receiving), Some(competent)) => {
            (matter.to_string(), receiving.to_string(), competent.to_string())
        }
        _ => ("000141001000".to_owned(), "440115".to_owned(), "310112".to_owned()),
    };
    let query = QUERY.replace("MATTER", &matter).replace("RECEIVING", &receiving).replace("COMPETENT", &competent);
    // In Java the JSON is a string in a string.
    let nested = query.replace('\\', "\\\\\\");
    let code = code.replace("QUERY2", &nested).replace("QUERY", &query).replace("BASE", &visit.context.public_url);
    html! {
        h3 { (name) }
        pre class="program" tabindex="0" role="group" aria-label=(name) { code { (code) } }
    }
}

/// What a file looks like.
fn records(locale: Locale) -> Markup {
    html! {
        section {
            h2 { (locale.say("记录格式", "Record formats")) }
            p {
                (locale.say(
                    "导入和导出都是每行一条记录：NDJSON，也可以是表格（CSV、XLSX）。每种记录的字段、含义和例子，用 ",
                    "Import and export have one record a line: NDJSON, or tables (CSV, XLSX). The fields of each record, with examples, are printed by ",
                ))
                code { "tongban records" } (locale.say(" 打印。", "."))
            }
            ul class="names" { @for kind in KINDS { li { code { (kind.name()) } " " (sentence(kind.label(locale))) } } }
        }
    }
}

fn rules(locale: Locale) -> Markup {
    html! {
        section {
            h2 { (locale.say("约定", "Good to know")) }
            ul class="links" {
                li { (locale.say("每个答案注明数据版本；同一版本的答案不变。", "Every answer names its revision; answers of one revision do not change.")) }
                li { (locale.say("请求按点数计价，超出时返回 429 和 Retry-After。", "Requests are priced in points; beyond the limit the answer is 429 with Retry-After.")) }
                li { (locale.say("写操作要密钥或身份提供方的令牌，可以带 idempotencyKey 安全重试。", "Mutations need a key or a token of the identity provider, and are safe to repeat with an idempotencyKey.")) }
                li { (locale.say("错误带稳定的代码、字段路径和办法，语言随 Accept-Language。", "Errors have stable codes, the path of the field and a remedy, in the language of Accept-Language.")) }
            }
        }
    }
}
