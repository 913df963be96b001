//! A peer that says exactly the bytes it is told to, and remembers what it heard.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use url::Url;
use witan_egress::{Egress, EgressConfig, Lookup, LookupFuture};

/// What to do with a connection after its request was read.
#[derive(Clone)]
pub(crate) enum Step {
    Say(Vec<u8>),
    Wait(Duration),
    /// Keeps saying this until nobody listens.
    Repeat(Vec<u8>),
}

pub(crate) fn say(text: &str) -> Step {
    Step::Say(text.as_bytes().to_vec())
}

pub(crate) struct Peer {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    pub(crate) fn start(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (steps, heard) = (steps.clone(), heard.clone());
                std::thread::spawn(move || serve(stream, &steps, &heard));
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, steps: &[Step], heard: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut buffer = [0u8; 4096];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
    heard.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    for step in steps {
        match step {
            Step::Say(bytes) => {
                let _ = stream.write_all(bytes);
            }
            // The peer's slowness is what is tested; nobody waits for it.
            #[expect(clippy::disallowed_methods, reason = "a thread of its own, which plays a slow partner")]
            Step::Wait(time) => std::thread::sleep(*time),
            Step::Repeat(bytes) => while stream.write_all(bytes).is_ok() {},
        }
    }
}

/// Names with scripted answers, one after the other; the last one stays.
#[derive(Clone)]
pub(crate) struct Script(Arc<Mutex<Vec<Vec<&'static str>>>>);

impl Script {
    pub(crate) fn new(answers: &[&[&'static str]]) -> Self {
        Self(Arc::new(Mutex::new(answers.iter().rev().map(|answer| answer.to_vec()).collect())))
    }
}

impl Lookup for Script {
    fn lookup(&self, _name: &str) -> LookupFuture {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
        Box::pin(async move {
            Ok(answer.iter().map(|ip| (ip.parse::<std::net::IpAddr>().unwrap(), 0).into()).collect())
        })
    }
}

pub(crate) fn development() -> Egress {
    Egress::new(&EgressConfig::development()).unwrap()
}
