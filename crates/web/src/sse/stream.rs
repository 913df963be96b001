use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::mpsc;
use witan_lifecycle::CancellationToken;

use super::{Dialect, SseEvent};
use crate::{Code, Problem, codes};

const HELLO: Bytes = Bytes::from_static(b": connected\n\n");

struct Sending {
    events: mpsc::Receiver<SseEvent>,
    dialect: Dialect,
    heartbeat: Duration,
    draining: CancellationToken,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    New,
    Open,
    Ended,
}

/// What goes over the wire.
pub(super) fn chunks(
    events: mpsc::Receiver<SseEvent>,
    dialect: Dialect,
    heartbeat: Duration,
    draining: CancellationToken,
) -> impl Stream<Item = Bytes> {
    let sending = Sending { events, dialect, heartbeat, draining, state: State::New };
    unfold(sending, |mut sending| async {
        let chunk = sending.next().await?;
        Some((chunk, sending))
    })
}

impl Sending {
    async fn next(&mut self) -> Option<Bytes> {
        match self.state {
            State::New => {
                self.state = State::Open;
                return Some(HELLO);
            }
            State::Ended => return None,
            State::Open => {}
        }
        tokio::select! {
            // What is there is sent before anything ends the stream.
            biased;
            event = self.events.recv() => Some(match event {
                Some(event) => self.send(event),
                None => self.fail(&codes::STREAM_INTERRUPTED),
            }),
            () = self.draining.cancelled() => Some(self.fail(&codes::DRAINING)),
            () = tokio::time::sleep(self.heartbeat) => Some(self.dialect.heartbeat()),
        }
    }

    /// What the sender did not say when it went away.
    fn fail(&mut self, code: &'static Code) -> Bytes {
        self.send(self.dialect.fault(&Problem::new(code)))
    }

    fn send(&mut self, event: SseEvent) -> Bytes {
        if event.is_last() {
            self.state = State::Ended;
            // Whoever still sends learns that nobody listens.
            self.events.close();
        }
        event.bytes()
    }
}
