//! The client: reads what any server of this protocol sends.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use vp_wire::{ClientMessage, DecodeError, Decoder, ServerMessage};

/// No message of a server is longer.
const MAX_MESSAGE: usize = 16 << 20;

/// A connection that cannot be made, or has ended for a cause.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is no `ws://` URL.
    #[error("{url:?} is not of the form ws://HOST:PORT/PATH?QUERY")]
    Url {
        /// The address.
        url: String,
    },
    /// No server listens at the address.
    #[error("cannot connect to {host}")]
    Connect {
        /// Where to.
        host: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The server refuses the websocket.
    #[error("the server refuses the websocket with HTTP status {status}")]
    Refused {
        /// The status.
        status: u16,
    },
    /// The server closed for a cause; an `error` message came before.
    #[error("the server closed with code {code}: {reason}")]
    Closed {
        /// The close code.
        code: u16,
        /// The reason, in a word.
        reason: String,
    },
    /// The connection broke off.
    #[error("the connection broke off")]
    Broken(#[source] Box<tungstenite::Error>),
    /// A message cannot be read.
    #[error("cannot read a message of the server")]
    Decode(#[from] DecodeError),
}

impl From<tungstenite::Error> for ClientError {
    fn from(error: tungstenite::Error) -> Self {
        if let tungstenite::Error::Http(response) = error {
            let status = response.status().as_u16();
            return Self::Refused { status };
        }
        Self::Broken(Box::new(error))
    }
}

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    decoder: Decoder,
}

impl Client {
    /// Connects to a `ws://` URL.
    ///
    /// # Errors
    /// [`ClientError`] if the URL is invalid, no server listens, or the server refuses.
    ///
    /// # Cancel safety
    /// Dropping the future drops the connection.
    pub async fn connect(url: &str) -> Result<Self, ClientError> {
        let refused = || ClientError::Url { url: url.into() };
        let uri: Uri = url.parse().map_err(|_| refused())?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("ws"));
        let authority = authority.ok_or_else(refused)?;
        let host = match authority.port() {
            Some(_) => authority.as_str().to_owned(),
            None => format!("{authority}:80"),
        };
        let socket = TcpStream::connect(&host).await;
        let socket = socket.map_err(|source| ClientError::Connect { host, source })?;
        let _ = socket.set_nodelay(true);
        let config = WebSocketConfig::default()
            .max_write_buffer_size(1 << 20)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let request = uri.into_client_request()?;
        let (socket, _) = client_async_with_config(request, socket, Some(config)).await?;
        Ok(Self {
            socket,
            decoder: Decoder::default(),
        })
    }

    /// Returns the address of this end.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.socket.get_ref().local_addr()
    }

    /// Waits for the next message; `None` when the input has ended.
    ///
    /// # Errors
    /// [`ClientError`] if the server closed for a cause, the connection broke off, or a message
    /// cannot be read. After [`ClientError::Decode`] the stream can go on.
    ///
    /// # Cancel safety
    /// No message is lost.
    pub async fn next(&mut self) -> Result<Option<ServerMessage>, ClientError> {
        match self.next_frame().await? {
            Some(frame) => Ok(Some(self.decoder.decode(&frame)?)),
            None => Ok(None),
        }
    }

    /// Waits for the next message and returns its bytes; `None` when the input has ended.
    ///
    /// # Errors
    /// [`ClientError`] if the server closed for a cause or the connection broke off.
    ///
    /// # Cancel safety
    /// No message is lost.
    pub async fn next_frame(&mut self) -> Result<Option<Bytes>, ClientError> {
        while let Some(message) = self.socket.next().await {
            match message? {
                Message::Binary(frame) => return Ok(Some(frame)),
                Message::Close(frame) => return ended(frame),
                Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
        ended(None)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`ClientError`] if the connection is gone.
    ///
    /// # Cancel safety
    /// The message may be sent later, with the next one.
    pub async fn send(&mut self, message: &ClientMessage) -> Result<(), ClientError> {
        let message = Message::Binary(message.encode().into());
        Ok(self.socket.send(message).await?)
    }

    /// Says goodbye.
    ///
    /// # Errors
    /// [`ClientError`] if the connection is gone already.
    ///
    /// # Cancel safety
    /// The server may not have been told.
    pub async fn close(mut self) -> Result<(), ClientError> {
        Ok(self.socket.close(None).await?)
    }
}

fn ended(frame: Option<CloseFrame>) -> Result<Option<Bytes>, ClientError> {
    let (code, reason) = frame.map_or((1005, String::new()), |frame| {
        (frame.code.into(), frame.reason.to_string())
    });
    match code {
        1000 => Ok(None),
        code => Err(ClientError::Closed { code, reason }),
    }
}
