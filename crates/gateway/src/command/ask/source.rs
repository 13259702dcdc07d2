//! Where a question is answered: by the registry of this machine, or by a running one over HTTP.

use std::time::Duration;

use axum::http::{Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use domain::{Locale, Message};
use graphql::engine::run::execute_document;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use registry::request_context::RequestContext;
use serde_json::{Value as Json, json};

use super::super::failure::Failure;
use super::super::registry::Secret;
use super::super::said::{Said, of_system};
use crate::http::client::connector;

/// The exit code when the server cannot be reached, or refuses.
pub(super) const NO_SERVER: u8 = 5;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// Who answers.
pub(super) enum Source {
    Local(Box<RequestContext>),
    Remote(Remote),
}

/// A registry that runs elsewhere.
pub(super) struct Remote {
    pub(super) server: Server,
    pub(super) key: Option<Secret>,
}

/// The address of a registry.
#[derive(Debug, Clone)]
pub(super) struct Server {
    graphql: Uri,
    /// The host and its port, for messages.
    place: String,
}

/// Reads the address of a registry, with or without a path.
pub(super) fn server(text: &str) -> Result<Server, Said> {
    let expected = || {
        Said::new(
            "应为平台的地址，如 https://tongban.example.cn",
            "the address of a registry is expected, such as https://tongban.example.cn",
        )
    };
    let address: Uri = text.parse().map_err(|_| expected())?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (address.scheme_str(), address.authority()) else {
        return Err(expected());
    };
    if authority.host().is_empty() || authority.as_str().contains('@') || address.query().is_some() {
        return Err(expected());
    }
    let port = authority.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    let path = address.path().trim_end_matches('/').trim_end_matches("/graphql");
    let graphql = format!("{scheme}://{authority}{path}/graphql").parse().map_err(|_| expected())?;
    Ok(Server { graphql, place: format!("{}:{port}", authority.host()) })
}

impl Source {
    /// The whole answer as JSON.
    pub(super) async fn answer(&self, document: &str, variables: Json, locale: Locale) -> Result<Json, Failure> {
        match self {
            Self::Local(context) => {
                let response = execute_document(document, variables, (**context).clone()).await;
                serde_json::to_value(&response).map_err(Failure::because)
            }
            Self::Remote(remote) => remote.answer(document, variables, locale).await,
        }
    }

    /// The data of the answer, if it has no errors.
    pub(super) async fn data(&self, document: &str, variables: Json, locale: Locale) -> Result<Json, Failure> {
        let mut answer = self.answer(document, variables, locale).await?;
        match first_error(&answer) {
            Some(error) => Err(self.refused(&error)),
            None => Ok(answer["data"].take()),
        }
    }

    /// The failure of an answer with errors.
    pub(super) fn refused(&self, error: &str) -> Failure {
        match self {
            Self::Local(_) => Failure::because(error),
            Self::Remote(remote) => remote.failed(&format!("拒绝了查询：{error}"), &format!("refused: {error}")),
        }
    }

    /// The failure of an answer with errors that is printed already.
    pub(super) fn reported(&self) -> Failure {
        match self {
            Self::Local(_) => Failure::Reported,
            Self::Remote(_) => Failure::code(NO_SERVER),
        }
    }

    /// The failure of an answer that is not as expected.
    pub(super) fn unreadable(&self, error: &serde_json::Error) -> Failure {
        match self {
            Self::Local(_) => Failure::because(error),
            Self::Remote(remote) => remote.failed(
                &format!("回答看不懂，版本可能与本命令不同：{error}"),
                &format!("the answer cannot be read, it may be of another version: {error}"),
            ),
        }
    }
}

/// The message of the first error of an answer.
pub(super) fn first_error(answer: &Json) -> Option<String> {
    let error = answer.get("errors")?.get(0)?;
    Some(error["message"].as_str().unwrap_or_default().to_owned())
}

impl Remote {
    async fn answer(&self, document: &str, variables: Json, locale: Locale) -> Result<Json, Failure> {
        let asked = tokio::time::timeout(TIMEOUT, self.send(document, variables, locale)).await;
        asked.unwrap_or_else(|_| {
            let seconds = TIMEOUT.as_secs();
            Err(self.failed(&format!("{seconds} 秒内没有回答"), &format!("no answer within {seconds} seconds")))
        })
    }

    async fn send(&self, document: &str, variables: Json, locale: Locale) -> Result<Json, Failure> {
        let client = Client::builder(TokioExecutor::new()).build(connector().map_err(Failure::because)?);
        let language = match locale {
            Locale::Zh => "zh",
            Locale::En => "en",
        };
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.server.graphql.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/graphql-response+json, application/json")
            .header(header::ACCEPT_LANGUAGE, language)
            .header(header::USER_AGENT, concat!("tongban/", env!("CARGO_PKG_VERSION")));
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", key.text()));
        }
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = request.body(Full::new(Bytes::from(body))).map_err(|_| {
            Failure::said(
                "--key：密钥含有不能用于请求头的字符",
                "--key: the key has characters that no header may have",
            )
        })?;
        let response = client.request(request).await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
        let body = body
            .map_err(|error| self.failed(&format!("回答中断：{error}"), &format!("the answer broke off: {error}")))?;
        match serde_json::from_slice(&body.to_bytes()) {
            Ok(answer) if status.is_success() => Ok(answer),
            Ok(answer) => {
                let error = first_error(&answer).unwrap_or_default();
                Err(self.failed(
                    &format!("{}：{error}", of_status(status).zh),
                    &format!("{}: {error}", of_status(status).en),
                ))
            }
            Err(_) if status.is_success() => {
                Err(self
                    .failed("回答的不是 JSON，这里可能不是通办平台", "the answer is not JSON: this may be no registry"))
            }
            Err(_) => Err(self.failed(&of_status(status).zh, &of_status(status).en)),
        }
    }

    /// A failure that names the host and its port.
    fn failed(&self, zh: &str, en: &str) -> Failure {
        let place = &self.server.place;
        Failure::Exit(NO_SERVER, Message::new(format!("{place}：{zh}"), format!("{place}: {en}")))
    }

    fn unreachable(&self, error: &hyper_util::client::legacy::Error) -> Failure {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        let mut text = error.to_string();
        while let Some(inner) = cause {
            text = inner.to_string();
            if let Some(system) = inner.downcast_ref::<std::io::Error>().filter(|error| error.get_ref().is_none()) {
                let told = of_system(system);
                return self.failed(&format!("连不上：{}", told.zh), &format!("cannot be reached: {}", told.en));
            }
            cause = inner.source();
        }
        self.failed(&format!("连不上：{text}"), &format!("cannot be reached: {text}"))
    }
}

fn of_status(status: StatusCode) -> Message {
    match status {
        StatusCode::UNAUTHORIZED => Message::new("密钥无效（401）", "the key is not accepted (401)"),
        StatusCode::FORBIDDEN => Message::new("没有权限（403）", "forbidden (403)"),
        StatusCode::NOT_FOUND => {
            Message::new("没有 /graphql（404），请核对地址", "there is no /graphql (404): check the address")
        }
        StatusCode::TOO_MANY_REQUESTS => {
            Message::new("请求过多，请稍后再试（429）", "too many requests, try again later (429)")
        }
        StatusCode::SERVICE_UNAVAILABLE => Message::new("暂时不可用（503）", "unavailable at the moment (503)"),
        other => Message::new(format!("回答 {}", other.as_u16()), format!("answered {}", other.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_address_with_or_without_a_path() {
        let read = |text| server(text).map(|server| (server.graphql.to_string(), server.place)).ok();
        let said = |graphql: &str, place: &str| Some((graphql.to_owned(), place.to_owned()));
        assert_eq!(read("https://t.example.cn"), said("https://t.example.cn/graphql", "t.example.cn:443"));
        assert_eq!(read("http://127.0.0.1:8080/"), said("http://127.0.0.1:8080/graphql", "127.0.0.1:8080"));
        assert_eq!(read("https://a.cn/tb/graphql"), said("https://a.cn/tb/graphql", "a.cn:443"));
        for wrong in ["", "a.cn", "ftp://a.cn", "https://user:word@a.cn", "https://a.cn/?q=1", "https://"] {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }
}
