//! A request for a page, free of its transport.

use std::sync::Arc;

use domain::Locale;
use registry::request_context::RequestContext;

use crate::cache::Cache;
use crate::session::PageSession;
use crate::site::Site;
use crate::submission::Submission;
use crate::view::View;

#[derive(Debug)]
pub struct PageRequest {
    pub context: RequestContext,
    pub site: Arc<Site>,
    pub cache: Arc<Cache>,
    pub path: String,
    /// The variable segments of the path, decoded.
    pub segments: Vec<String>,
    pub query: String,
    /// The language that the browser prefers.
    pub locale: Locale,
    pub view: View,
    /// `None`: nobody has signed in.
    pub session: Option<PageSession>,
    /// The submitted form; `None`: the page is only read.
    pub submission: Option<Submission>,
}
