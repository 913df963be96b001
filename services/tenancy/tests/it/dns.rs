//! A DNS server on this machine that says what tests tell it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, Metadata, ResponseCode};
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{RData, Record};
use tokio::net::UdpSocket;

#[derive(Default)]
struct Zone {
    /// What TXT records say, by name without the last dot.
    texts: HashMap<String, Vec<String>>,
    /// Whether it fails at everything.
    broken: bool,
    asked: Vec<String>,
}

/// Answers over UDP, as the server of all names.
#[derive(Clone)]
pub(crate) struct DnsServer {
    pub(crate) address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
}

impl DnsServer {
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = Self { address: socket.local_addr().unwrap(), zone: Arc::default() };
        let zone = server.zone.clone();
        #[expect(clippy::disallowed_methods, reason = "a server of the test alone")]
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let answer = answer(&zone, &buffer[..length]);
                let _ = socket.send_to(&answer, from).await;
            }
        });
        server
    }

    /// The TXT records of a name from now on.
    pub(crate) fn say(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.zone.lock().unwrap().texts.insert(name.to_owned(), texts);
    }

    /// The name is nobody's any longer.
    pub(crate) fn forget(&self, name: &str) {
        self.zone.lock().unwrap().texts.remove(name);
    }

    /// Whether it fails at everything from now on.
    pub(crate) fn set_broken(&self, broken: bool) {
        self.zone.lock().unwrap().broken = broken;
    }

    /// How often a name was asked for.
    pub(crate) fn asked(&self, name: &str) -> usize {
        self.zone.lock().unwrap().asked.iter().filter(|asked| *asked == name).count()
    }
}

fn answer(zone: &Mutex<Zone>, question: &[u8]) -> Vec<u8> {
    let question = Message::from_vec(question).unwrap();
    let query = question.queries[0].clone();
    let name = query.name().to_lowercase().to_ascii().trim_end_matches('.').to_owned();
    let mut zone = zone.lock().unwrap();
    zone.asked.push(name.clone());
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata = Metadata::response_from_request(&question.metadata);
    answer.add_query(query.clone());
    match zone.texts.get(&name) {
        _ if zone.broken => answer.metadata.response_code = ResponseCode::ServFail,
        None => answer.metadata.response_code = ResponseCode::NXDomain,
        Some(texts) => {
            for text in texts {
                // A text is sent in pieces of up to 255 bytes; what they are cut at must not matter.
                let (first, second) = text.split_at(text.len() / 2);
                let data = TXT::new(vec![first.to_owned(), second.to_owned()]);
                answer.add_answer(Record::from_rdata(query.name().clone(), 1, RData::TXT(data)));
            }
        }
    }
    answer.to_vec().unwrap()
}
