//! What a broken provider does to whoever asks it: each fault in each API, for a whole answer and for a stream.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;
use witan_clock::Clock;
use witan_llm::{Call, ChatEvent, LlmError, Models};
use witan_testkit::{Behaviour, Dialect, Upstream};

use crate::{entry, question, with};

/// How long the first words, and the next ones, are waited for.
fn patience(first: &'static str, next: &'static str) -> [(&'static str, &'static str); 2] {
    [("LLM_FIRST_TOKEN_TIMEOUT", first), ("LLM_IDLE_TIMEOUT", next)]
}

/// Whether it ends only because somebody's patience does. All else has the time that a busy machine takes.
fn lasts(fault: Behaviour) -> bool {
    matches!(fault, Behaviour::SlowStart(_) | Behaviour::Stall | Behaviour::Endless)
}

/// The error that is expected of a whole answer and of a stream, and how many words come before it at least.
fn expected(fault: Behaviour) -> (&'static str, &'static str, usize) {
    match fault {
        Behaviour::Status(401) => ("auth", "auth", 0),
        Behaviour::Status(404) => ("model_gone", "model_gone", 0),
        Behaviour::Status(429) => ("rate_limited", "rate_limited", 0),
        Behaviour::Status(529) => ("overloaded", "overloaded", 0),
        Behaviour::Status(_) => ("unavailable", "unavailable", 0),
        Behaviour::SlowStart(_) => ("timeout", "timeout", 0),
        Behaviour::Stall => ("timeout", "timeout", 20),
        Behaviour::Cut => ("unavailable", "broken_stream", 40),
        Behaviour::Malformed => ("malformed", "malformed", 20),
        Behaviour::NoReason => ("", "broken_stream", 60),
        Behaviour::Huge => ("malformed", "malformed", 0),
        Behaviour::Endless => ("malformed", "malformed", 1_000),
        Behaviour::Well | Behaviour::NoMarker => ("", "", 60),
    }
}

fn one(upstream: &Upstream, dialect: Dialect, fault: Behaviour) -> Models {
    let patience = match fault {
        Behaviour::SlowStart(_) => patience("300ms", "20s"),
        Behaviour::Stall => patience("20s", "1s"),
        _ => patience("20s", "20s"),
    };
    with(&format!("[{}]", entry(upstream, dialect, "test/m", "")), &patience, &Clock::system())
}

fn kind<T>(answer: &Result<T, LlmError>) -> &'static str {
    answer.as_ref().err().map_or("", LlmError::kind)
}

/// How many words came, and how it ended.
async fn streamed(models: &Models) -> (usize, Result<String, LlmError>) {
    let mut stream = match models.stream(&question(), &Call::within(Duration::from_secs(20))).await {
        Ok(stream) => stream,
        Err(error) => return (0, Err(error)),
    };
    let (mut words, mut text) = (0, String::new());
    loop {
        match stream.next().await.unwrap() {
            Ok(ChatEvent::Text(piece)) => {
                words += 1;
                text.push_str(&piece);
            }
            Ok(ChatEvent::Done(done)) => {
                assert_eq!(done.text, text);
                return (words, Ok(text));
            }
            Err(error) => {
                assert!(stream.next().await.is_none(), "nothing follows an error");
                return (words, Err(error));
            }
        }
    }
}

#[tokio::test]
async fn of_a_whole_answer() {
    for dialect in Dialect::ALL {
        for fault in Behaviour::FAULTS.into_iter().chain([Behaviour::Well, Behaviour::NoMarker]) {
            let upstream = Upstream::start().await;
            upstream.behave(fault);
            let began = Instant::now();
            let models = one(&upstream, dialect, fault);
            let within = Duration::from_secs(if lasts(fault) { 1 } else { 20 });
            let answer = models.complete(&question(), &Call::within(within)).await;
            let endless = fault == Behaviour::Endless && kind(&answer) == "timeout";
            assert!(endless || kind(&answer) == expected(fault).0, "{dialect:?} {fault:?}: {answer:?}");
            assert!(began.elapsed() < within + Duration::from_secs(2), "{dialect:?} {fault:?}");
            assert_eq!(upstream.asked().len(), 1, "one call, never repeated");
        }
    }
}

#[tokio::test]
async fn of_a_stream() {
    for dialect in Dialect::ALL {
        for fault in Behaviour::FAULTS.into_iter().chain([Behaviour::Well, Behaviour::NoMarker]) {
            let upstream = Upstream::start().await;
            upstream.behave(fault);
            if fault == Behaviour::Endless {
                upstream.say(&["x".repeat(999), "y".repeat(999)].join(" "));
            }
            let (words, end) = streamed(&one(&upstream, dialect, fault)).await;
            let (_, expected, least) = expected(fault);
            assert_eq!(kind(&end), expected, "{dialect:?} {fault:?}");
            assert!(words >= least, "{dialect:?} {fault:?}: {words} words");
            if let Err(LlmError::RateLimited { retry_after } | LlmError::Overloaded { retry_after }) = end {
                assert_eq!(retry_after, Some(Duration::from_secs(7)));
            }
            if matches!(fault, Behaviour::Stall | Behaviour::SlowStart(_) | Behaviour::Endless) {
                upstream.wait_closed(1).await;
            }
            assert_eq!(upstream.asked().len(), 1, "one call, never repeated");
        }
    }
}

#[tokio::test]
async fn of_nobody_there() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for dialect in Dialect::ALL {
        let (provider, base) = (dialect.name(), format!("http://{nobody}"));
        let entry = format!(r#"[{{"id":"test/m","provider":"{provider}","baseUrl":"{base}"}}]"#);
        let models = with(&entry, &patience("20s", "20s"), &Clock::system());
        let call = Call::within(Duration::from_secs(5));
        assert_eq!(kind(&models.complete(&question(), &call).await), "unavailable");
        assert_eq!(kind(&streamed(&models).await.1), "unavailable");
    }
}

#[tokio::test]
async fn words_that_come_slowly_are_no_silence() {
    let upstream = Upstream::start().await;
    upstream.pace(Duration::from_millis(50));
    for dialect in Dialect::ALL {
        let began = Instant::now();
        let entry = format!("[{}]", entry(&upstream, dialect, "test/m", ""));
        let models = with(&entry, &patience("2s", "2s"), &Clock::system());
        let (words, end) = streamed(&models).await;
        assert_eq!((words, kind(&end)), (60, ""), "{dialect:?}");
        assert!(began.elapsed() > Duration::from_secs(2), "longer than either limit");
    }
}
