//! Telling a workspace what is held of it here: what its deletion removes.

use async_trait::async_trait;
use uuid::Uuid;
use witan_ids::{ApiKeyId, WorkspaceId};
use witan_pg::Pg;
use witan_web::{Lines, Problem, WorkspaceDiscloser};

use crate::store::held::access::kept_api_keys;

/// Its keys, of which nothing but the prefix: a copy of all this opens nothing.
pub(crate) struct WorkspaceDisclosure(pub(crate) Pg);

#[async_trait]
impl WorkspaceDiscloser for WorkspaceDisclosure {
    async fn disclose(&self, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let mut after = Some(ApiKeyId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let read = self.0.read("kept.api_keys", async |conn| kept_api_keys(conn, workspace, last).await);
            after = lines.page("apiKey", None, &read.await?).await?.map(|row| row.id);
        }
        Ok(())
    }
}
