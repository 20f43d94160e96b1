//! How does one come in? By TLS or without, at the same port: the portal's demonstration speaks plain HTTP, and kubectl
//! shows its token to nobody who does not speak TLS. The first byte tells them apart.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The certificate that every cluster of every twin shows; its key is no secret, and nothing but a twin trusts it.
pub(super) const CERTIFICATE: &str = include_str!("../../fixtures/kubernetes.pem");
const KEY: &str = include_str!("../../fixtures/kubernetes.key.pem");

/// The first byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection, whichever way it came.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One port for both.
pub(crate) struct Both {
    incoming: mpsc::Receiver<(Box<dyn Stream>, SocketAddr)>,
    address: SocketAddr,
    door: JoinHandle<()>,
}

impl Both {
    pub(crate) fn new(listener: TcpListener) -> anyhow::Result<Self> {
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).context("the twin's certificate")?;
        let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).context("the key of the twin's certificate")?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tls = TlsAcceptor::from(Arc::new(config));
        let address = listener.local_addr()?;
        let (sender, incoming) = mpsc::channel(64);
        let door = tokio::spawn(async move {
            while let Ok((stream, from)) = listener.accept().await {
                let (tls, sender) = (tls.clone(), sender.clone());
                // Whoever is slow to say the first byte keeps nobody else waiting.
                tokio::spawn(async move {
                    if let Ok(Some(stream)) = tokio::time::timeout(PATIENCE, open(tls, stream)).await {
                        // A twin that has ended takes nobody in.
                        let _ended = sender.send((stream, from)).await;
                    }
                });
            }
        });
        Ok(Self { incoming, address, door })
    }
}

async fn open(tls: TlsAcceptor, stream: TcpStream) -> Option<Box<dyn Stream>> {
    stream.set_nodelay(true).ok()?;
    let mut first = [0];
    stream.peek(&mut first).await.ok()?;
    if first == [HANDSHAKE] {
        return Some(Box::new(tls.accept(stream).await.ok()?));
    }
    Some(Box::new(stream))
}

impl Listener for Both {
    type Io = Box<dyn Stream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.incoming.recv().await {
            Some(connection) => connection,
            // The door is closed, and so is the twin in a moment.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Drop for Both {
    fn drop(&mut self) {
        self.door.abort();
    }
}
