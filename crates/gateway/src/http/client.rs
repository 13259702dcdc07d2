//! Connections that this process opens itself: to identity providers and to a collector of traces.

use std::sync::Arc;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

/// A connector that trusts the certificate authorities of this machine.
pub(crate) fn connector() -> Result<HttpsConnector<HttpConnector>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| format!("the certificates that this machine trusts cannot be read: {error}"))?;
    Ok(roots.https_or_http().enable_http1().build())
}
