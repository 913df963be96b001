use std::io;
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::sleep;

use super::dialect::Ending;
use super::{AskedModel, Behaviour, Dialect, Order, Shared};

const WELL: Ending = Ending { reason: true, marker: true };
const STALL_AFTER: usize = 20;
const CUT_AFTER: usize = 40;
/// More than anybody takes for one event or for a whole answer.
const HUGE: usize = 9 * 1024 * 1024;

/// Answers the questions of a connection, one after the other.
pub(super) async fn serve(socket: TcpStream, shared: Arc<Shared>) {
    let _ = socket.set_nodelay(true);
    let (mut read, write) = socket.into_split();
    let mut answer = Answer { write };
    let mut bytes = Vec::new();
    while let Ok(Some(asked)) = question(&mut read, &mut bytes).await {
        let Some(asked) = asked else { return };
        let order = shared.order(asked.clone());
        let given = tokio::select! {
            given = answer.give(&asked, &order) => given,
            () = gone(&mut read) => Err(io::ErrorKind::ConnectionAborted.into()),
        };
        match given {
            Ok(true) => {}
            Ok(false) => return,
            // Whoever closes while words are on their way makes writing fail.
            Err(_) => {
                shared.closed.send_modify(|closed| *closed += 1);
                return;
            }
        }
    }
}

/// Returns when the other side has closed; it sends nothing while it waits for an answer.
async fn gone(read: &mut OwnedReadHalf) {
    let _ = read.read(&mut [0]).await;
}

struct Answer {
    write: OwnedWriteHalf,
}

impl Answer {
    /// Answers, and says whether the connection can be used again.
    async fn give(&mut self, asked: &AskedModel, order: &Order) -> io::Result<bool> {
        if let Behaviour::SlowStart(pause) = order.behaviour {
            sleep(pause).await;
        }
        match order.behaviour {
            Behaviour::Status(status) => self.status(status, asked.dialect).await,
            _ if asked.stream => self.stream(asked, order).await,
            _ => self.whole(asked, order).await,
        }
    }

    async fn status(&mut self, status: u16, dialect: Dialect) -> io::Result<bool> {
        let after = if matches!(status, 429 | 529) { "retry-after: 7\r\n" } else { "" };
        self.body(status, after, &dialect.fault(status).to_string()).await?;
        Ok(true)
    }

    async fn whole(&mut self, asked: &AskedModel, order: &Order) -> io::Result<bool> {
        let reason = order.behaviour != Behaviour::NoReason;
        let body = asked.dialect.whole(&asked.model, &order.text, Ending { reason, ..WELL }).to_string();
        let half = &body[..body.len() / 2];
        match order.behaviour {
            Behaviour::Stall => {
                self.head(body.len()).await?;
                self.write.write_all(half.as_bytes()).await?;
                std::future::pending().await
            }
            Behaviour::Cut => {
                self.head(body.len()).await?;
                self.write.write_all(half.as_bytes()).await?;
                Ok(false)
            }
            Behaviour::Malformed => self.body(200, "", half).await.map(|()| true),
            Behaviour::Huge => {
                let huge = asked.dialect.whole(&asked.model, &"x".repeat(HUGE), WELL);
                self.body(200, "", &huge.to_string()).await.map(|()| true)
            }
            Behaviour::Endless => {
                self.chunked("application/json").await?;
                loop {
                    self.chunk(&" ".repeat(64 * 1024)).await?;
                }
            }
            _ => self.body(200, "", &body).await.map(|()| true),
        }
    }

    async fn stream(&mut self, asked: &AskedModel, order: &Order) -> io::Result<bool> {
        self.chunked("text/event-stream").await?;
        for event in asked.dialect.opening(&asked.model) {
            self.chunk(&event).await?;
        }
        if order.behaviour == Behaviour::Huge {
            self.chunk(&asked.dialect.word(&"x".repeat(HUGE))).await?;
        }
        let words: Vec<&str> = order.text.split_inclusive(' ').collect();
        let endless = order.behaviour == Behaviour::Endless;
        let count = if endless { usize::MAX } else { words.len() };
        for (at, word) in words.iter().cycle().take(count).enumerate() {
            match order.behaviour {
                Behaviour::Stall if at == STALL_AFTER => std::future::pending().await,
                Behaviour::Cut if at == CUT_AFTER => return Ok(false),
                Behaviour::Malformed if at == STALL_AFTER => self.chunk("data: {not json\n\n").await?,
                _ => {}
            }
            if !order.pace.is_zero() {
                sleep(order.pace).await;
            }
            self.chunk(&asked.dialect.word(word)).await?;
        }
        let ending = match order.behaviour {
            Behaviour::NoMarker => Ending { marker: false, ..WELL },
            // Some gateways make the marker up.
            Behaviour::NoReason => Ending { reason: false, ..WELL },
            _ => WELL,
        };
        for event in asked.dialect.closing(words.len(), ending) {
            self.chunk(&event).await?;
        }
        self.write.write_all(b"0\r\n\r\n").await?;
        Ok(true)
    }

    async fn body(&mut self, status: u16, headers: &str, body: &str) -> io::Result<()> {
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        self.write.write_all(head.as_bytes()).await
    }

    async fn head(&mut self, length: usize) -> io::Result<()> {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        self.write.write_all(head.as_bytes()).await
    }

    async fn chunked(&mut self, kind: &str) -> io::Result<()> {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
        self.write.write_all(head.as_bytes()).await
    }

    async fn chunk(&mut self, text: &str) -> io::Result<()> {
        let chunk = format!("{:x}\r\n{text}\r\n", text.len());
        self.write.write_all(chunk.as_bytes()).await
    }
}

/// The next question; `None` in the place of one that nobody understands, and at the end of the connection.
async fn question(read: &mut OwnedReadHalf, bytes: &mut Vec<u8>) -> io::Result<Option<Option<AskedModel>>> {
    loop {
        if let Some((asked, length)) = parse(bytes) {
            bytes.drain(..length);
            return Ok(Some(asked));
        }
        if read.read_buf(bytes).await? == 0 {
            return Ok(None);
        }
    }
}

fn parse(bytes: &[u8]) -> Option<(Option<AskedModel>, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let body = bytes.get(end..end + length)?;
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    // Names of models may have capitals, which the line still has.
    let line = String::from_utf8_lossy(&bytes[..end]);
    let path = line.split(' ').nth(1).unwrap_or_default();
    let asked = Dialect::of(path).map(|dialect| {
        let in_path = path.rsplit('/').next().and_then(|last| last.split(':').next()).unwrap_or_default();
        let model = body["model"].as_str().unwrap_or(in_path).to_owned();
        let stream = body["stream"] == true || path.contains(":streamGenerateContent");
        AskedModel { dialect, model, stream, head, body }
    });
    Some((asked, end + length))
}
