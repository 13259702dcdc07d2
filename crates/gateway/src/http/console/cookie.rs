//! The cookie of a session. Scripts cannot read it, and other sites do not send it with their forms.

use axum::http::{HeaderMap, HeaderValue, header};

/// With encryption the prefix binds the cookie to this host (RFC 6265bis).
fn name(encrypted: bool) -> &'static str {
    if encrypted { "__Host-tongban-session" } else { "tongban-session" }
}

/// The token in the cookie of a request.
pub(super) fn token(headers: &HeaderMap, encrypted: bool) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';'));
    let value = pairs.find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name(encrypted)))?.1;
    (!value.is_empty() && value.len() <= 100).then(|| value.to_owned())
}

/// Sets the cookie. It ends with the browser; the session ends earlier, in the database.
pub(super) fn set(token: &str, encrypted: bool) -> HeaderValue {
    write(token, "", encrypted)
}

pub(super) fn removed(encrypted: bool) -> HeaderValue {
    write("", "; Max-Age=0", encrypted)
}

fn write(token: &str, more: &str, encrypted: bool) -> HeaderValue {
    let secure = if encrypted { "; Secure" } else { "" };
    // Lax: the identity provider leads back to this site by a link.
    let cookie = format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{more}", name(encrypted));
    HeaderValue::try_from(cookie).expect("a token is base64url")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_read_from_the_cookie_that_was_set() {
        for encrypted in [true, false] {
            let set = set("abc-_1", encrypted);
            let pair = set.to_str().expect("text").split(';').next().expect("a pair").to_owned();
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::try_from(format!("view=elder; {pair}")).expect("a header"));
            assert_eq!(token(&headers, encrypted).as_deref(), Some("abc-_1"));
            assert_eq!(token(&headers, !encrypted), None);
        }
    }
}
