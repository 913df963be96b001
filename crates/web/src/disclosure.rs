//! What a service holds of a person, told line by line (NDJSON).
//!
//! The counterpart of erasure: what that removes or makes anonymous, this tells first. Rows are read a page at a time,
//! each page in a transaction of its own that has ended before the page is sent, so neither memory nor the database is
//! held for a slow reader.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use async_trait::async_trait;
use serde::Serialize;
use witan_ids::{UserId, WorkspaceId};

use crate::Problem;
use crate::produced::{Produced, Writer};

/// The media type of one JSON value a line.
const NDJSON: &str = "application/x-ndjson";

/// Knows what a service holds of people.
#[async_trait]
pub trait Discloser: Send + Sync + 'static {
    /// Tells all of it: nothing of others, and no secrets.
    async fn disclose(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem>;
}

/// Knows what a service holds of workspaces.
#[async_trait]
pub trait WorkspaceDiscloser: Send + Sync + 'static {
    /// Tells all of it: nothing of others, and no secrets.
    async fn disclose(&self, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem>;
}

/// Where it is told.
pub struct Lines<'w> {
    out: &'w mut Writer,
    form: Form,
}

enum Form {
    /// Each value ends with a line feed.
    Ndjson,
    /// The values are the elements of an array, whose brackets are somebody else's.
    Elements { first: bool },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'r, R> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_id: Option<WorkspaceId>,
    #[serde(flatten)]
    row: &'r R,
}

impl<'w> Lines<'w> {
    /// How many rows a page has. One that has fewer is the last.
    pub const PAGE: i64 = 100;

    /// Lines of their own.
    pub fn ndjson(out: &'w mut Writer) -> Self {
        Self { out, form: Form::Ndjson }
    }

    /// Elements of an array.
    pub fn elements(out: &'w mut Writer) -> Self {
        Self { out, form: Form::Elements { first: true } }
    }

    /// Tells one thing.
    ///
    /// # Errors
    /// When it has no form in JSON, or nobody reads any longer.
    pub async fn tell<R: Serialize + Sync>(
        &mut self,
        kind: &'static str,
        workspace_id: Option<WorkspaceId>,
        row: &R,
    ) -> Result<(), Problem> {
        let line = serde_json::to_vec(&Line { kind, workspace_id, row }).map_err(Problem::internal)?;
        self.pass_on(&line).await
    }

    /// Tells things of one kind, and sends what was told so far. Gives the last of them, to go on after, when the page is
    /// full.
    ///
    /// # Errors
    /// As [`tell`](Self::tell).
    pub async fn page<'r, R: Serialize + Sync>(
        &mut self,
        kind: &'static str,
        workspace_id: Option<WorkspaceId>,
        rows: &'r [R],
    ) -> Result<Option<&'r R>, Problem> {
        for row in rows {
            self.tell(kind, workspace_id, row).await?;
        }
        self.out.flush().await?;
        let full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= Self::PAGE);
        Ok(rows.last().filter(|_| full))
    }

    /// Tells what somebody else has written as JSON, on one line.
    ///
    /// # Errors
    /// When nobody reads any longer.
    pub async fn pass_on(&mut self, json: &[u8]) -> Result<(), Problem> {
        match &mut self.form {
            Form::Ndjson => {
                self.out.write(json).await?;
                self.out.write(b"\n").await
            }
            Form::Elements { first } => {
                if !std::mem::take(first) {
                    self.out.write(b",\n").await?;
                }
                self.out.write(json).await
            }
        }
    }
}

/// All that `discloser` knows of a person, for `GET /internal/users/{userId}/held`. It begins when the first page is
/// there.
///
/// # Errors
/// When that cannot be read. What fails later breaks the answer off.
pub async fn disclosed(discloser: impl Discloser, user: UserId) -> Result<HttpResponse, Problem> {
    let tell = async move |out: &mut Writer| discloser.disclose(user, &mut Lines::ndjson(out)).await;
    Box::pin(told(tell)).await
}

/// All that `discloser` knows of a workspace, for `GET /internal/workspaces/{workspaceId}/held`.
///
/// # Errors
/// As [`disclosed`].
pub async fn workspace_disclosed(
    discloser: impl WorkspaceDiscloser,
    workspace: WorkspaceId,
) -> Result<HttpResponse, Problem> {
    let tell = async move |out: &mut Writer| discloser.disclose(workspace, &mut Lines::ndjson(out)).await;
    Box::pin(told(tell)).await
}

async fn told<F>(tell: F) -> Result<HttpResponse, Problem>
where
    F: AsyncFnOnce(&mut Writer) -> Result<(), Problem> + 'static,
{
    let body = Produced::begin(tell).await?.into_body();
    let mut answer = HttpResponse::Ok();
    answer.content_type(NDJSON).insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    Ok(answer.body(body))
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use serde_json::json;

    use super::*;

    async fn told(form: fn(&mut Writer) -> Lines<'_>, rows: Vec<serde_json::Value>) -> String {
        let make = async move |out: &mut Writer| {
            form(out).page("thing", None, &rows).await?;
            Ok(())
        };
        let body = to_bytes(Produced::begin(make).await.unwrap().into_body()).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[actix_web::test]
    async fn lines_end_and_elements_are_separated() {
        let rows = || vec![json!({"a": 1}), json!({"b": "two\nlines"})];
        let lines = "{\"kind\":\"thing\",\"a\":1}\n{\"kind\":\"thing\",\"b\":\"two\\nlines\"}\n";
        assert_eq!(told(|out| Lines::ndjson(out), rows()).await, lines);
        let array = format!("[{}]", told(|out| Lines::elements(out), rows()).await);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&array).unwrap()[1]["b"], "two\nlines");
        assert_eq!(told(|out| Lines::elements(out), Vec::new()).await, "");
    }
}
