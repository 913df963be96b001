//! The peer: actix-web and diesel-async, one query, no more.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use witan_ids::{StartupId, UserId, WorkspaceId};

/// As many as a service has.
pub(crate) const WORKERS: usize = 2;
/// As many connections as a service has.
pub(crate) const POOL: usize = 10;

/// What the bare handlers read.
#[derive(Clone)]
pub(crate) struct Bare {
    pool: Pool<AsyncPgConnection>,
    user: UserId,
    startup: Option<(WorkspaceId, StartupId)>,
}

#[derive(Serialize, QueryableByName)]
struct Person {
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

#[derive(Serialize, QueryableByName)]
struct Company {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    description: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    industry: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    stage: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl Bare {
    pub(crate) fn new(database_url: &str, user: UserId, startup: Option<(WorkspaceId, StartupId)>) -> Result<Self> {
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(database_url);
        let pool = Pool::builder(manager).max_size(POOL).build().context("no pool")?;
        Ok(Self { pool, user, startup })
    }

    /// Serves until the process ends; gives the address.
    pub(crate) fn serve(self) -> Result<SocketAddr> {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(self.clone()))
                .route("/me", web::get().to(me))
                .route("/startup", web::get().to(startup))
        })
        .workers(WORKERS)
        .disable_signals()
        .bind(("127.0.0.1", 0))?;
        let address = server.addrs()[0];
        let server = server.run();
        std::thread::spawn(move || actix_web::rt::System::new().block_on(server));
        Ok(address)
    }
}

async fn me(bare: web::Data<Bare>) -> HttpResponse {
    let query = sql_query("SELECT email, name, created_at FROM auth.users WHERE id = $1").bind::<SqlUuid, _>(bare.user);
    answer(async { Ok(query.get_result::<Person>(&mut bare.pool.get().await?).await?) }.await)
}

async fn startup(bare: web::Data<Bare>) -> HttpResponse {
    let Some((workspace, id)) = bare.startup else { return HttpResponse::NotFound().finish() };
    let query = sql_query(
        "SELECT name, description, industry, stage, created_at FROM tenancy.startups WHERE workspace_id = $1 AND id = $2",
    )
    .bind::<SqlUuid, _>(workspace)
    .bind::<SqlUuid, _>(id);
    answer(async { Ok(query.get_result::<Company>(&mut bare.pool.get().await?).await?) }.await)
}

fn answer<T: Serialize>(found: Result<T>) -> HttpResponse {
    match found {
        Ok(row) => HttpResponse::Ok().json(row),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
