//! A server that reads one request at a time and answers with bytes of the test's choice.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What comes after the bytes.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// The connection is closed.
    Close,
    /// It stays open and silent.
    Hang,
}

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
    closed: Arc<Notify>,
}

impl Server {
    /// Answers every request with these bytes.
    pub(crate) async fn raw(answer: impl Into<Vec<u8>>, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (requests, closed) = (Arc::default(), Arc::new(Notify::new()));
        let server = Self { url, requests: Arc::clone(&requests), closed: Arc::clone(&closed) };
        let answer = answer.into();
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let request = read(&mut socket).await;
                requests.lock().unwrap().push(request);
                socket.write_all(&answer).await.unwrap();
                if matches!(then, Then::Hang) {
                    // Ends when the other side has closed.
                    let _ = socket.read(&mut [0]).await;
                    closed.notify_one();
                }
            }
        });
        server
    }

    /// Answers with a status and a JSON body.
    pub(crate) async fn json(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n");
        Self::raw(format!("{head}{headers}connection: close\r\n\r\n{body}"), Then::Close).await
    }

    /// Answers with a stream of these events.
    pub(crate) async fn events(events: &[&str], then: Then) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        let body: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
        Self::raw(format!("{head}{body}"), then).await
    }

    /// The only request so far: its head, and its body.
    pub(crate) fn request(&self) -> (String, Value) {
        let requests = self.requests.lock().unwrap();
        assert_eq!(requests.len(), 1, "one call, never repeated");
        requests[0].clone()
    }

    /// Returns once the other side has closed the connection.
    pub(crate) async fn closed(&self) {
        self.closed.notified().await;
    }
}

async fn read(socket: &mut TcpStream) -> (String, Value) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return (head, serde_json::from_str(body).unwrap_or_default());
            }
        }
        if socket.read_buf(&mut bytes).await.unwrap() == 0 {
            return (String::new(), Value::Null);
        }
    }
}
