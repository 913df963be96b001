use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::mpsc;
use witan_lifecycle::CancellationToken;

use super::SseEvent;
use crate::{Problem, codes};

const HELLO: Bytes = Bytes::from_static(b": connected\n\n");
const ALIVE: Bytes = Bytes::from_static(b": alive\n\n");

struct Sending {
    events: mpsc::Receiver<SseEvent>,
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
    heartbeat: Duration,
    draining: CancellationToken,
) -> impl Stream<Item = Bytes> {
    unfold(Sending { events, heartbeat, draining, state: State::New }, |mut sending| async {
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
            event = self.events.recv() => Some(self.send(event.unwrap_or_else(interrupted))),
            () = self.draining.cancelled() => Some(self.send(SseEvent::error(&Problem::new(&codes::DRAINING)))),
            () = tokio::time::sleep(self.heartbeat) => Some(ALIVE),
        }
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

/// What the sender did not say when it went away.
fn interrupted() -> SseEvent {
    SseEvent::error(&Problem::new(&codes::STREAM_INTERRUPTED))
}
