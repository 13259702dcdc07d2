//! TLS for the server, with a certificate that can be renewed while it runs.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// How often the files are read.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The certificate and key of the server. Certificates are renewed while the process runs, so the files are read again
/// when they change; open connections keep the certificate that they began with.
#[derive(Debug)]
pub struct TlsConfig {
    certificates: PathBuf,
    key: PathBuf,
    config: ArcSwap<ServerConfig>,
    /// When the certificate expires, in seconds since 1970; 0: that cannot be read.
    expires: Arc<AtomicI64>,
    /// The digest of the files when they were read last.
    digest: Mutex<[u8; 32]>,
}

impl TlsConfig {
    pub fn load(certificates: &Path, key: &Path) -> Result<Self, String> {
        let files = Files::read(certificates, key)?;
        Ok(Self {
            certificates: certificates.to_owned(),
            key: key.to_owned(),
            digest: Mutex::new(files.digest()),
            expires: Arc::new(AtomicI64::new(files.expires())),
            config: ArcSwap::from(files.config(certificates, key)?),
        })
    }

    /// When the certificate in use expires, in seconds since 1970; 0: that cannot be read.
    pub fn expires(&self) -> Arc<AtomicI64> {
        self.expires.clone()
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }

    /// Reloads changed files, until the task is stopped.
    pub async fn watch_files(self: Arc<Self>) {
        loop {
            tokio::time::sleep(POLL_INTERVAL).await;
            self.reload();
        }
    }

    /// Reads the files if they have changed. Files that cannot be used change nothing, and are logged once.
    pub fn reload(&self) {
        let files = Files::read(&self.certificates, &self.key);
        let digest = files.as_ref().map_or([0; 32], Files::digest);
        if std::mem::replace(&mut *self.digest.lock().unwrap_or_else(PoisonError::into_inner), digest) == digest {
            return;
        }
        match files.and_then(|files| Ok((files.config(&self.certificates, &self.key)?, files.expires()))) {
            Ok((config, expires)) => {
                self.config.store(config);
                self.expires.store(expires, Ordering::Relaxed);
                tracing::info!(certificates = %self.certificates.display(), "encrypting with a new certificate");
            }
            Err(error) => tracing::error!(error, "the new certificate cannot be used; the previous one stays in use"),
        }
    }
}

/// A chain of certificates and its private key, in PEM.
struct Files {
    certificates: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(certificates: &Path, key: &Path) -> Result<Self, String> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
        Ok(Self { certificates: read(certificates)?, key: read(key)? })
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(Sha256::digest(&self.certificates))
            .chain_update(Sha256::digest(&self.key))
            .finalize()
            .into()
    }

    fn expires(&self) -> i64 {
        let own = CertificateDer::pem_slice_iter(&self.certificates).next().and_then(Result::ok);
        let ends = own
            .and_then(|own| X509Certificate::from_der(&own).ok().map(|(_, own)| own.validity().not_after.timestamp()));
        ends.unwrap_or_default()
    }

    /// The paths are for messages.
    fn config(&self, certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
        let at = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let chain: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_slice_iter(&self.certificates).collect();
        let chain = chain.map_err(|error| at(certificates, &error))?;
        let private = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| at(key, &error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
            .map_err(|error| at(certificates, &error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
