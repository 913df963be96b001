//! Everything that the services hold of a person or of a workspace, as one JSON document.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use chrono::{DateTime, SecondsFormat, Utc};
use witan_clients::{ClientError, Held, HolderClient};
use witan_ids::{UserId, WorkspaceId};
use witan_web::{Code, Lines, Problem, Produced, Writer};

/// When to ask again for what a service did not tell.
const SOON: Duration = Duration::from_secs(5);

/// Of whom or what everything is told.
#[derive(Debug, Clone, Copy)]
pub enum Subject {
    /// A person.
    User(UserId),
    /// A workspace.
    Workspace(WorkspaceId),
}

/// What other services have begun to tell.
pub struct Export {
    subject: Subject,
    told: Vec<(&'static str, Held)>,
    unavailable: &'static Code,
}

impl Export {
    /// Asks every holder, so that one which is away is known before anything is answered; the problem then has the code
    /// `unavailable`.
    ///
    /// # Errors
    /// When a service does not begin to tell.
    pub async fn ask(
        holders: &[HolderClient],
        subject: Subject,
        unavailable: &'static Code,
    ) -> Result<Self, Problem> {
        let asked = holders.iter().map(|holder| async move {
            let held = match subject {
                Subject::User(user) => holder.held(user).await,
                Subject::Workspace(workspace) => holder.held_of_workspace(workspace).await,
            };
            let service = holder.service();
            held.map(|held| (service, held)).map_err(|error| silent(unavailable, service, error))
        });
        Ok(Self { subject, told: futures_util::future::try_join_all(asked).await?, unavailable })
    }

    /// Begins the document: what `service`, which is asked for it, holds itself and `own` writes, then what the others
    /// tell. Its last member is `"complete": true`; a fault in the middle breaks the connection off.
    ///
    /// # Errors
    /// Those of `own` and of the others before the first part of the document.
    pub async fn begin(
        self,
        service: &'static str,
        now: DateTime<Utc>,
        own: impl AsyncFnOnce(&mut Lines<'_>) -> Result<(), Problem> + 'static,
    ) -> Result<Produced, Problem> {
        let Self { subject, told, unavailable } = self;
        Produced::begin(async move |out: &mut Writer| {
            let time = now.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            let subject = match subject {
                Subject::User(user) => format!("\"userId\":\"{user}\""),
                Subject::Workspace(workspace) => format!("\"workspaceId\":\"{workspace}\""),
            };
            let head = format!("{{\"exportedAt\":\"{time}\",{subject},\n\"{service}\":[");
            out.write(head.as_bytes()).await?;
            own(&mut Lines::elements(out)).await?;
            for (service, mut held) in told {
                out.write(format!("],\n\"{service}\":[").as_bytes()).await?;
                let mut lines = Lines::elements(out);
                while let Some(line) =
                    held.next().await.map_err(|error| silent(unavailable, service, error))?
                {
                    lines.pass_on(&line).await?;
                }
            }
            out.write(b"],\n\"complete\":true}\n").await
        })
        .await
    }

    /// The answer that a browser saves under this name.
    pub fn attachment(name: &str, document: Produced) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        answer.content_type("application/json");
        answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
        answer.insert_header((CACHE_CONTROL, "no-store"));
        answer.body(document.into_body())
    }
}

fn silent(code: &'static Code, service: &str, error: ClientError) -> Problem {
    let problem = Problem::new(code).retry_after(SOON).source(error);
    problem.detail(format!("The service {service} does not tell what it holds."))
}
