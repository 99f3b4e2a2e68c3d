//! A client of graphql-transport-ws, message by message.

use super::{Actor, App};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a socket with these headers; else the status of the refusal.
    pub(crate) async fn open(app: &App, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        let address = format!("ws://{}/graphql", app.address());
        let mut request = address.into_client_request().expect("a request");
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("a value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket of the protocol and says nothing yet.
    pub(crate) async fn silent(app: &App) -> Socket {
        Socket::open(app, &[("sec-websocket-protocol", "graphql-transport-ws")])
            .await
            .expect("a socket")
    }

    /// Opens a socket and signs in.
    pub(crate) async fn of(app: &App, actor: &Actor) -> Socket {
        let mut socket = Socket::silent(app).await;
        socket.init(actor).await;
        assert_eq!(socket.next().await, json!({ "type": "connection_ack" }));
        socket
    }

    pub(crate) async fn init(&mut self, actor: &Actor) {
        let payload = actor
            .authorization()
            .map(|value| json!({ "Authorization": value }));
        self.send(json!({ "type": "connection_init", "payload": payload }))
            .await;
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(&message.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &'static [u8]) {
        self.0.send(Message::binary(bytes)).await.expect("sent");
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    /// The next message of the protocol.
    pub(crate) async fn next(&mut self) -> Value {
        match self.frame().await {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("{other:?}"),
        }
    }

    /// The next change of a subscription, which is the first field of its data.
    pub(crate) async fn change(&mut self, id: &str) -> Value {
        let mut message = self.next().await;
        assert_eq!(
            (&message["type"], &message["id"]),
            (&json!("next"), &json!(id)),
            "{message}"
        );
        let data = message["payload"]["data"].as_object_mut().expect("data");
        data.values_mut().next().expect("a field").take()
    }

    /// The code with which the server closes, whatever it says before.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.frame().await {
                let frame = frame.expect("a code");
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }

    /// Nothing is said for a while.
    pub(crate) async fn assert_quiet(&mut self) {
        let said = tokio::time::timeout(Duration::from_millis(300), self.frame()).await;
        assert!(said.is_err(), "{said:?}");
    }

    async fn frame(&mut self) -> Message {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match frame
                .expect("a message in time")
                .expect("the socket is open")
                .expect("a frame")
            {
                Message::Ping(_) | Message::Pong(_) => {}
                frame => return frame,
            }
        }
    }
}
