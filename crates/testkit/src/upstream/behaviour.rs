use std::time::Duration;

/// How an [`Upstream`](super::Upstream) treats a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// It answers.
    Well,
    /// This status and an error in the words of the API; 429 and 529 with a `Retry-After` of seven seconds.
    Status(u16),
    /// It answers, but begins only after a while.
    SlowStart(Duration),
    /// It falls silent after 20 words and keeps the connection.
    Stall,
    /// It closes the connection after 40 words.
    Cut,
    /// After 20 words comes something that is not JSON.
    Malformed,
    /// All is there but the marker that nothing follows.
    NoMarker,
    /// It ends cleanly without saying why the model stopped.
    NoReason,
    /// One event, or a whole answer, that is larger than anybody needs.
    Huge,
    /// Words without an end.
    Endless,
}

impl Behaviour {
    /// Everything that can go wrong once a connection stands.
    pub const FAULTS: [Self; 13] = [
        Self::Status(401),
        Self::Status(404),
        Self::Status(429),
        Self::Status(500),
        Self::Status(503),
        Self::Status(529),
        Self::SlowStart(Duration::from_secs(30)),
        Self::Stall,
        Self::Cut,
        Self::Malformed,
        Self::NoReason,
        Self::Huge,
        Self::Endless,
    ];
}
