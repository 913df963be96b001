//! A peer that does as it is told, over a real socket.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use witan_access::{InternalKey, service_token};
use witan_clients::{Peers, PeersConfig};
use witan_clock::Clock;
use witan_egress::{Egress, EgressConfig};

/// What the peer does with one request.
pub(crate) enum Reply {
    Json(u16, Value),
    Text(&'static str),
    /// Reads the request and closes the connection.
    Break,
    /// Reads the request and says nothing.
    Hang,
    /// Begins an answer that does not end.
    Flood,
    /// Begins an answer and closes the connection.
    BreakOff(&'static str),
    /// Begins an answer and says nothing more.
    Stall(&'static str),
}

#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) token: String,
    pub(crate) body: Value,
}

/// The peer, and the clients of the service `council` that ask it.
pub(crate) struct World {
    pub(crate) peers: Peers,
    pub(crate) clock: Clock,
    key: InternalKey,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl World {
    /// A peer that gives these replies in turn, and the last one again from then on.
    pub(crate) async fn of(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::at(replies, Clock::system()).await
    }

    pub(crate) async fn at(replies: impl IntoIterator<Item = Reply>, clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (replies, log) = (replies.into_iter().collect(), asked.clone());
        #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
        tokio::spawn(serve(listener, replies, log));
        Self::reaching(&format!("http://{address}"), clock, asked)
    }

    /// No peer at all: nothing listens on its port.
    pub(crate) async fn without_peer() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        Self::reaching(&format!("http://{address}"), Clock::system(), Arc::default())
    }

    fn reaching(url: &str, clock: Clock, asked: Arc<Mutex<Vec<Asked>>>) -> Self {
        let url: url::Url = url.parse().unwrap();
        let config = PeersConfig {
            auth: url.clone(),
            tenancy: url.clone(),
            chat: url.clone(),
            billing: url.clone(),
            council: url.clone(),
            webhooks: url,
        };
        let egress = Egress::new(&EgressConfig::development()).unwrap();
        let key = InternalKey::new(&SecretString::from("a key that only the tests have, long enough"));
        let peers = Peers::new(&config, "council", &egress, key.clone(), clock.clone());
        Self { peers, clock, key, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Who calls, if the token is for this service.
    pub(crate) fn caller(&self, asked: &Asked, audience: &str) -> Option<String> {
        service_token::verify(&self.key, &asked.token, audience, &self.clock).ok()
    }
}

async fn serve(listener: TcpListener, mut replies: VecDeque<Reply>, asked: Arc<Mutex<Vec<Asked>>>) {
    let mut hanging = Vec::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let request = receive(&mut stream).await;
        asked.lock().unwrap().push(request);
        match replies.front().unwrap() {
            Reply::Json(status, body) => respond(&mut stream, *status, &body.to_string()).await,
            Reply::Text(body) => respond(&mut stream, 200, body).await,
            Reply::Break => drop(stream),
            Reply::Hang => hanging.push(stream),
            Reply::Flood => flood(stream).await,
            Reply::BreakOff(body) => begin(&mut stream, body).await,
            Reply::Stall(body) => {
                begin(&mut stream, body).await;
                hanging.push(stream);
            }
        }
        if replies.len() > 1 {
            replies.pop_front();
        }
    }
}

async fn receive(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request breaks off");
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < end + length {
        stream.read_buf(&mut bytes).await.unwrap();
    }
    Asked {
        line: head.lines().next().unwrap().to_owned(),
        token: header("authorization").unwrap().trim_start_matches("Bearer ").to_owned(),
        body: serde_json::from_slice(&bytes[end..]).unwrap_or_default(),
    }
}

async fn respond(stream: &mut TcpStream, status: u16, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Answer\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}

async fn flood(mut stream: TcpStream) {
    let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let mut alive = stream.write_all(head).await.is_ok();
    while alive {
        alive = stream.write_all(&[b' '; 64 * 1024]).await.is_ok();
    }
}

/// The beginning of an answer whose end would be said.
async fn begin(stream: &mut TcpStream, body: &str) {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let chunk = format!("{head}{:x}\r\n{body}\r\n", body.len());
    stream.write_all(chunk.as_bytes()).await.unwrap();
}
