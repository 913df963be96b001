mod behaviour;
mod connection;
mod dialect;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use self::behaviour::Behaviour;
pub use self::dialect::Dialect;
use crate::wait::PATIENCE;

/// How many words an answer has unless told otherwise.
const WORDS: usize = 60;

/// A provider of models on a port of its own, over real connections. It speaks three APIs and behaves as told, each
/// model as it was told for it.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: JoinHandle<()>,
}

/// A question that an [`Upstream`] was asked.
#[derive(Clone, Debug)]
pub struct AskedModel {
    /// In which API.
    pub dialect: Dialect,
    /// Which model.
    pub model: String,
    /// Whether a stream was wanted.
    pub stream: bool,
    /// The request's line and headers, in lower case.
    pub head: String,
    /// The body.
    pub body: Value,
}

struct Shared {
    told: Mutex<Told>,
    closed: watch::Sender<usize>,
}

struct Told {
    always: Behaviour,
    by_model: HashMap<String, Behaviour>,
    next: HashMap<String, VecDeque<Behaviour>>,
    text: String,
    pace: Duration,
    asked: Vec<AskedModel>,
}

/// How one question is to be answered.
#[derive(Clone)]
struct Order {
    behaviour: Behaviour,
    text: String,
    pace: Duration,
}

impl Upstream {
    /// One that answers everything well, with sixty words.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start() -> Self {
        Self::bind().await.expect("a provider of models")
    }

    async fn bind() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let words: Vec<String> = (0..WORDS).map(|number| format!("w{number}")).collect();
        let told = Told {
            always: Behaviour::Well,
            by_model: HashMap::new(),
            next: HashMap::new(),
            text: words.join(" "),
            pace: Duration::ZERO,
            asked: Vec::new(),
        };
        let shared = Arc::new(Shared { told: Mutex::new(told), closed: watch::Sender::new(0) });
        let serving = Arc::clone(&shared);
        #[expect(clippy::disallowed_methods, reason = "aborted when the upstream is dropped")]
        let acceptor = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
                tokio::spawn(connection::serve(socket, Arc::clone(&serving)));
            }
        });
        Ok(Self { address, shared, acceptor })
    }

    /// The base URL under which a model of this API is set up.
    #[must_use]
    pub fn url(&self, dialect: Dialect) -> String {
        let path = match dialect {
            Dialect::OpenAi => "/v1",
            Dialect::Anthropic => "",
            Dialect::Gemini => "/v1beta",
        };
        format!("http://{}{path}", self.address)
    }

    /// Treats every question like this that was told nothing of its own.
    pub fn behave(&self, behaviour: Behaviour) {
        self.told().always = behaviour;
    }

    /// Treats questions to this model like this.
    pub fn behave_as(&self, model: &str, behaviour: Behaviour) {
        self.told().by_model.insert(model.to_owned(), behaviour);
    }

    /// Treats the next question to this model like this; may be called several times.
    pub fn behave_once(&self, model: &str, behaviour: Behaviour) {
        self.told().next.entry(model.to_owned()).or_default().push_back(behaviour);
    }

    /// Answers with this text.
    pub fn say(&self, text: &str) {
        self.told().text = text.to_owned();
    }

    /// Takes this long over each word of a stream.
    pub fn pace(&self, pace: Duration) {
        self.told().pace = pace;
    }

    /// Every question so far.
    #[must_use]
    pub fn asked(&self) -> Vec<AskedModel> {
        self.told().asked.clone()
    }

    /// How many connections the other side has closed before the answer was complete.
    #[must_use]
    pub fn closed(&self) -> usize {
        *self.shared.closed.borrow()
    }

    /// Returns once the other side has closed so many connections before the answer was complete.
    ///
    /// # Panics
    /// When it does not close them.
    pub async fn wait_closed(&self, count: usize) {
        let mut closed = self.shared.closed.subscribe();
        let enough = closed.wait_for(|closed| *closed >= count);
        tokio::time::timeout(PATIENCE, enough).await.expect("closed connections").expect("a provider");
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.shared.told()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

impl Shared {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn order(&self, asked: AskedModel) -> Order {
        let mut told = self.told();
        let next = told.next.get_mut(&asked.model).and_then(VecDeque::pop_front);
        let behaviour = next.or_else(|| told.by_model.get(&asked.model).copied()).unwrap_or(told.always);
        told.asked.push(asked);
        Order { behaviour, text: told.text.clone(), pace: told.pace }
    }
}
