//! A browser as far as forms go: it keeps the cookie of a session, fills in the forms of a page, and submits them.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::{TestResponse, TestServer};

/// A client with a session of the console, which reads and submits forms.
pub(crate) struct Browser<'a> {
    server: &'a TestServer,
    cookie: String,
}

/// A form of a page with what stands in it.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    action: String,
    pub(crate) fields: Vec<(String, String)>,
    file: Option<(String, String, Vec<u8>)>,
}

impl<'a> Browser<'a> {
    /// Signs in with a key.
    pub(crate) async fn sign_in(server: &'a TestServer, key: &str) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("key", key).finish();
        let response = server.send(request("POST", "/console/sign-in", "", Some(body))).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.text);
        let cookie = response.header(header::SET_COOKIE).split(';').next().unwrap_or_default().to_owned();
        Self { server, cookie }
    }

    pub(crate) async fn get(&self, address: &str) -> TestResponse {
        self.server.send(request("GET", address, &self.cookie, None)).await
    }

    /// The status and the length of a file.
    pub(crate) async fn download(&self, address: &str) -> (StatusCode, usize) {
        use tower::ServiceExt as _;
        let request = request("GET", address, &self.cookie, None);
        let response = self.server.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body").len())
    }

    /// The page after a form was accepted.
    pub(crate) async fn follow(&self, response: TestResponse) -> TestResponse {
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", main_of(&response.text));
        self.get(response.header(header::LOCATION)).await
    }

    pub(crate) async fn submit(&self, form: Form) -> TestResponse {
        let Form { action, fields, file } = form;
        let Some((name, file_name, content)) = file else {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            return self.server.send(request("POST", &action, &self.cookie, Some(body))).await;
        };
        let mut body = Vec::new();
        for (name, value) in &fields {
            let part = format!("--limit\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let head =
            format!("--limit\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend(content);
        body.extend(b"\r\n--limit--\r\n");
        let request = Request::post(&action)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=limit")
            .body(Body::from(body));
        self.server.send(request.expect("a request")).await
    }
}

fn request(method: &str, address: &str, cookie: &str, body: Option<String>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(address);
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    request.body(body.map_or_else(Body::empty, Body::from)).expect("a request")
}

impl Form {
    /// The form of a page that has a button or field with some text in its source.
    pub(crate) fn of(page: &TestResponse, has: &str) -> Self {
        let forms = page.text.split("<form ").skip(1).map(|form| form.split("</form>").next().unwrap_or_default());
        let found = forms.clone().find(|form| form.contains("method=\"post\"") && form.contains(has));
        let form = found.unwrap_or_else(|| panic!("no form has {has}: {}", main_of(&page.text)));
        Self { action: attribute(form, "action"), fields: fields(form), file: None }
    }

    /// With a value in a field, in place of what stands there.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a file.
    pub(crate) fn with_file(self, field: &str, name: &str, content: Vec<u8>) -> Self {
        Self { file: Some((field.to_owned(), name.to_owned(), content)), ..self }
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// The fields that a browser would submit.
fn fields(form: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for piece in form.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = attribute(tag, "name");
        if let Some(rest) = tag.strip_prefix("input ") {
            let is_chosen = !matches!(&*attribute(rest, "type"), "checkbox" | "radio") || tag.contains(" checked");
            if !name.is_empty() && is_chosen && attribute(rest, "type") != "file" {
                fields.push((name, attribute(rest, "value")));
            }
        } else if tag.starts_with("textarea ") {
            fields.push((name, unescaped(text)));
        } else if tag.starts_with("select ") {
            // The first option is chosen unless another one says so.
            fields.push((name, "\u{0}".to_owned()));
        } else if tag.starts_with("option ")
            && let Some((_, value)) = fields.last_mut()
            && (value == "\u{0}" || tag.contains(" selected"))
        {
            *value = attribute(tag, "value");
        }
    }
    fields
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    value.map_or_else(String::new, |(value, _)| unescaped(value))
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The text of the main part of a page, for messages.
pub(crate) fn main_of(page: &str) -> String {
    let main = page.split("<main").nth(1).unwrap_or(page);
    let texts = main.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.trim());
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}
