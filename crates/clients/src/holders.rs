//! The services that hold something of people or of workspaces.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use serde::de::IgnoredAny;
use witan_ids::{UserId, WorkspaceId};

use crate::ClientError;
use crate::channel::Channel;

/// How long a service may take to begin.
const HEAD: Duration = Duration::from_secs(5);
/// How long it may be silent after that.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a line may be.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// What a service tells of the people and workspaces it holds something of.
#[derive(Debug, Clone)]
pub struct HolderClient(pub(crate) Channel);

/// What one service holds of one person or workspace, as it arrives.
#[derive(Debug)]
pub struct Held {
    channel: Channel,
    response: Response,
    arrived: BytesMut,
    /// How much of what arrived is known to have no end of a line in it.
    searched: usize,
}

impl HolderClient {
    /// The name of the service.
    pub fn service(&self) -> &'static str {
        self.0.audience
    }

    /// `GET /internal/users/{userId}/held`: begins to read all that the service holds of a person.
    ///
    /// # Errors
    /// When it does not begin within five seconds.
    pub async fn held(&self, user: UserId) -> Result<Held, ClientError> {
        self.begin(&format!("/internal/users/{user}/held")).await
    }

    /// `GET /internal/workspaces/{workspaceId}/held`: begins to read all that the service holds of a workspace.
    ///
    /// # Errors
    /// When it does not begin within five seconds.
    pub async fn held_of_workspace(&self, workspace: WorkspaceId) -> Result<Held, ClientError> {
        self.begin(&format!("/internal/workspaces/{workspace}/held")).await
    }

    async fn begin(&self, path: &str) -> Result<Held, ClientError> {
        let response = self.0.open(path, HEAD).await?;
        Ok(Held { channel: self.0.clone(), response, arrived: BytesMut::new(), searched: 0 })
    }
}

impl Held {
    /// The next thing, as a JSON object on one line; `None` when the service has told everything.
    ///
    /// # Errors
    /// When it breaks off, is silent for fifteen seconds, or tells something that is no JSON object.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ClientError> {
        loop {
            if let Some(line) = self.line() {
                return self.checked(line).map(Some);
            }
            if self.arrived.len() > MAX_LINE {
                return Err(self.channel.unavailable(format!("a line is larger than {MAX_LINE} bytes")));
            }
            let chunk = tokio::time::timeout(SILENCE, self.response.chunk()).await;
            let chunk = chunk.map_err(|late| self.channel.unavailable(late))?;
            match chunk.map_err(|error| self.channel.unavailable(error))? {
                Some(chunk) => self.arrived.extend_from_slice(&chunk),
                None if self.arrived.is_empty() => return Ok(None),
                None => return Err(self.channel.unavailable("it breaks off within a line")),
            }
        }
    }

    /// Takes a line off what has arrived, if there is a whole one.
    fn line(&mut self) -> Option<Bytes> {
        let fresh = &self.arrived[self.searched..];
        let Some(end) = fresh.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.arrived.len();
            return None;
        };
        let mut line = self.arrived.split_to(self.searched + end + 1);
        self.searched = 0;
        line.truncate(line.len() - 1);
        Some(line.freeze())
    }

    fn checked(&self, line: Bytes) -> Result<Bytes, ClientError> {
        if !line.starts_with(b"{") {
            return Err(self.channel.unavailable("a line is no object"));
        }
        match serde_json::from_slice::<IgnoredAny>(&line) {
            Ok(IgnoredAny) => Ok(line),
            Err(source) => Err(ClientError::Malformed { peer: self.channel.audience, source }),
        }
    }
}
