//! The portal: which page answers which address.

mod about;
pub(crate) mod agreement;
mod agreements;
mod choice;
mod developers;
mod district;
mod districts;
mod empty;
mod fault;
mod filter;
mod front;
mod guide;
mod help;
mod linked_data;
mod list;
mod matter;
mod matters;
pub(crate) mod network;
pub(crate) mod notices;
mod partners;
mod places;
mod policy;
mod query;
mod reason;
mod remedy;
mod robots;
mod start;
mod stopped;
mod window;

use domain::Message;

use crate::request::PageRequest;
use crate::response::PageResponse;
use crate::view::{VIEW, View};
use crate::visit::Visit;

/// A page of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Start,
    Between,
    Matters,
    Matter,
    Districts,
    District,
    Agreements,
    Agreement,
    Policies,
    Policy,
    Window,
    Notices,
    NoticesFeed,
    Network,
    Help,
    Developers,
    About,
    Robots,
    Sitemap,
}

/// The pages by the patterns of their paths.
pub const PAGES: [(&str, Page); 19] = [
    ("/", Page::Start),
    ("/between/{receiving}/{competent}", Page::Between),
    ("/matters", Page::Matters),
    ("/matter/{code}", Page::Matter),
    ("/districts", Page::Districts),
    ("/district/{code}", Page::District),
    ("/agreements", Page::Agreements),
    ("/agreement/{number}", Page::Agreement),
    ("/policies", Page::Policies),
    ("/policy/{id}", Page::Policy),
    ("/window/{id}", Page::Window),
    ("/notices", Page::Notices),
    ("/notices.atom", Page::NoticesFeed),
    ("/network", Page::Network),
    ("/help", Page::Help),
    ("/developers", Page::Developers),
    ("/about", Page::About),
    ("/robots.txt", Page::Robots),
    ("/sitemap.xml", Page::Sitemap),
];

/// The answer of a page.
pub async fn answer(page: Page, request: PageRequest) -> PageResponse {
    let query = request.query.clone();
    let visit = Visit::new(request);
    // A switch of the view leads back to the same page.
    if let Some(view) = View::named(visit.address.get(VIEW)) {
        return PageResponse::switch(view, visit.address.clone().without(VIEW).text());
    }
    match page {
        Page::Start => front::answer(&visit, &query),
        Page::Between => front::between(&visit),
        Page::Matters => matters::answer(&visit),
        Page::Matter => matter::answer(&visit, &query).await,
        Page::Districts => districts::answer(&visit),
        Page::District => district::answer(&visit),
        Page::Agreements => agreements::answer(&visit),
        Page::Agreement => agreement::answer(&visit),
        Page::Policies => policy::list(&visit),
        Page::Policy => policy::answer(&visit),
        Page::Window => window::answer(&visit),
        Page::Notices => notices::answer(&visit),
        Page::NoticesFeed => notices::feed(&visit),
        Page::Network => network::answer(&visit),
        Page::Help => help::answer(&visit),
        Page::Developers => developers::answer(&visit),
        Page::About => about::answer(&visit),
        Page::Robots => robots::robots(&visit),
        Page::Sitemap => robots::sitemap(&visit),
    }
}

/// The page for an unknown address.
pub fn not_found(request: PageRequest) -> PageResponse {
    let visit = Visit::unresolved(PageRequest { path: "/".to_owned(), ..request });
    let reason = Message::new(
        "地址可能写错了，或者页面已经不在。请从这里查询。",
        "The address may be mistyped, or the page is gone. Search from here.",
    );
    fault::page(&visit, 404, &Message::new("没有这个页面", "There is no such page"), &reason)
}

/// The page for a client that has used up its rate limit. Nothing is looked up for it.
pub fn too_many_requests(request: PageRequest, retry_after: Option<u64>) -> PageResponse {
    let seconds = retry_after.unwrap_or(60);
    let reason = Message::new(
        format!("请求过于频繁，请在 {seconds} 秒后重试。您填写的内容没有丢失。"),
        format!("There were too many requests. Try again in {seconds} seconds; what you typed is not lost."),
    );
    fault::page(&Visit::unresolved(request), 429, &Message::new("请稍候再试", "Please wait a moment"), &reason)
}

/// The page while too many requests are running, or the database is away.
pub fn unavailable(request: PageRequest) -> PageResponse {
    let reason = Message::new(
        "本平台现在很忙，请过几秒钟再试。您填写的内容没有丢失。",
        "The registry is busy. Try again in a few seconds; what you typed is not lost.",
    );
    let title = Message::new("暂时不能回答", "No answer at the moment");
    fault::page(&Visit::unresolved(request), 503, &title, &reason)
}
