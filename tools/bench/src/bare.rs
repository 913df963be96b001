//! The peer: actix-web and diesel-async, one query, no more. The query is typed, so that Diesel prepares it once.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
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

diesel::table! {
    auth.users (id) {
        id -> Uuid,
        email -> Text,
        name -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tenancy.startups (workspace_id, id) {
        workspace_id -> Uuid,
        id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        industry -> Nullable<Text>,
        stage -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

#[derive(Serialize, Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct Person {
    email: String,
    name: String,
    created_at: DateTime<Utc>,
}

#[derive(Serialize, Queryable, Selectable)]
#[diesel(table_name = startups, check_for_backend(diesel::pg::Pg))]
struct Company {
    name: String,
    description: Option<String>,
    industry: Option<String>,
    stage: Option<String>,
    created_at: DateTime<Utc>,
}

impl Bare {
    pub(crate) fn new(
        database_url: &str,
        user: UserId,
        startup: Option<(WorkspaceId, StartupId)>,
    ) -> Result<Self> {
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
    let query = users::table.find(bare.user).select(Person::as_select());
    answer(async { Ok(query.first(&mut bare.pool.get().await?).await?) }.await)
}

async fn startup(bare: web::Data<Bare>) -> HttpResponse {
    let Some(key) = bare.startup else { return HttpResponse::NotFound().finish() };
    let query = startups::table.find(key).select(Company::as_select());
    answer(async { Ok(query.first(&mut bare.pool.get().await?).await?) }.await)
}

fn answer<T: Serialize>(found: Result<T>) -> HttpResponse {
    match found {
        Ok(row) => HttpResponse::Ok().json(row),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
