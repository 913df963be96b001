use std::time::Duration;

/// How long the broker may take for anything.
pub(crate) const ANSWER: Duration = Duration::from_secs(5);

/// Why the broker did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AmqpError {
    /// It said no, or cannot be reached.
    #[error("the broker failed: {0}")]
    Broker(#[from] lapin::Error),
    /// It did not answer within five seconds.
    #[error("the broker did not answer in time")]
    Late,
    /// It did not take responsibility for a message.
    #[error("the broker refused the message")]
    Refused,
}

/// The client library has no time limits of its own.
pub(crate) async fn within<T>(operation: impl Future<Output = lapin::Result<T>>) -> Result<T, AmqpError> {
    match tokio::time::timeout(ANSWER, operation).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(AmqpError::Late),
    }
}
