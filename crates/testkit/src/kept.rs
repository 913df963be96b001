//! What a service holds of workspaces, and that it removes it.

use serde_json::Value;
use witan_events::contracts::tenancy::v1::WorkspacePurgeRequested;
use witan_host::Service;
use witan_ids::WorkspaceId;

use crate::TestService;

/// Columns that say of which workspace a row is; what is only on its way has none of its own tables.
const COLUMNS: &str = "
SELECT c.relname::text, a.attname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    AND a.attname IN ('workspace_id', 'tenant', 'workspace') AND c.relname NOT IN ('jobs', 'outbox', 'inbox') ORDER BY 1";

impl<S: Service> TestService<S> {
    /// The tables that hold something of workspaces.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn kept(&self) -> Vec<String> {
        self.columns().await.into_iter().map(|(table, _)| table).collect()
    }

    /// Those that hold something of this one.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn kept_of(&self, workspace: WorkspaceId) -> Vec<String> {
        let database = self.database().superuser().await.expect("the database");
        let (schema, id) = (S::NAME, workspace.uuid().to_string());
        let mut found = Vec::new();
        for (table, column) in self.columns().await {
            let query = format!("SELECT FROM {schema}.{table} WHERE {column} = $1::text::uuid LIMIT 1");
            if !database.query(&query, &[&id]).await.expect("the database").is_empty() {
                found.push(table);
            }
        }
        found
    }

    /// Has the service remove what it holds of a workspace; what it reports.
    ///
    /// # Panics
    /// When it does not.
    pub async fn purge(&self, workspace: WorkspaceId) -> Value {
        let mut events = self.events().await;
        let event = WorkspacePurgeRequested { workspace_id: workspace.to_string() };
        self.tell(Some(workspace), &event.workspace_id.clone(), &event).await;
        events.next_of("workspace.purged").await.data
    }

    /// What the service tells of a workspace for its export.
    ///
    /// # Panics
    /// When it does not tell it.
    pub async fn told_of(&self, workspace: WorkspaceId) -> Vec<Value> {
        let path = format!("/internal/workspaces/{workspace}/held");
        let answer = self.internal("tenancy").get(&path).await.expect(200);
        answer.text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    async fn columns(&self) -> Vec<(String, String)> {
        let database = self.database().superuser().await.expect("the database");
        let rows = database.query(COLUMNS, &[&S::NAME]).await.expect("the database");
        rows.into_iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}
